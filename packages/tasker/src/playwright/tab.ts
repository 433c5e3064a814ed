import type { BrowserLike, PageLike } from './browser-types.ts';
import type { SharedBrowser } from './shared-browser.ts';

/** A place for a page in the browser. */
export interface BrowserTab<P> {
  /** The page, a new one for each task unless `keepPage` is set. */
  readonly page: P;
}

/** Has one page at a time, the first after `open()`. */
export class Tab<P extends PageLike, B extends BrowserLike> implements BrowserTab<P> {
  readonly #shared: SharedBrowser<B>;
  readonly #openPage: (browser: B) => PromiseLike<P>;
  readonly #invalidate: (reason: Error) => void;
  #giveUp: ((reason: Error) => void) | undefined;
  #page: P | undefined;
  #isClosed = false;

  constructor(shared: SharedBrowser<B>, openPage: (browser: B) => PromiseLike<P>, invalidate: (reason: Error) => void) {
    this.#shared = shared;
    this.#openPage = openPage;
    this.#invalidate = invalidate;
    shared.enter(this.#lost);
  }

  get page(): P {
    if (this.#page === undefined) throw new Error('the page is closed');
    return this.#page;
  }

  async open(): Promise<void> {
    const page = await new Promise<P>((resolve, reject) => {
      this.#giveUp = reject; // Playwright may say nothing when the browser dies meanwhile
      this.#shared.browser.then(this.#openPage).then(resolve, reject);
    });
    if (this.#isClosed) return closePage(page); // nobody has waited for it
    const events = page as unknown as { on(event: string, listener: () => void): unknown };
    const crashed = (): void => {
      this.#invalidate(new Error('the page has crashed'));
      void closePage(page); // else what waits for an answer of it would wait for ever
    };
    for (const event of ['crash', 'error']) events.on(event, crashed);
    this.#page = page;
  }

  async renew(): Promise<void> {
    await Promise.all([closePage(this.page), this.open()]).catch((error: unknown) => {
      if (!this.#shared.isOver) throw error; // else it is known, and the tab is replaced
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const isGone = await this.#shared.leave(this.#lost);
    if (!isGone && this.#page !== undefined) await closePage(this.#page);
  }

  readonly #lost = (reason: Error): void => {
    this.#invalidate(reason);
    this.#giveUp?.(reason);
  };
}

/** Closes its context, and so whatever it has opened beside it; the page alone where that belongs to the browser. */
async function closePage(page: PageLike): Promise<void> {
  const context = page.context?.() ?? page.browserContext?.() ?? page;
  await context
    .close()
    .catch(() => page.close())
    .catch(() => {}); // it has gone with the browser
}
