import type { BrowserLike } from './browser-types.ts';

/** How a tab is told that the browser has gone; each has its own. */
type OnLost = (reason: Error) => void;

/** One browser from its launch to its end, and who has a tab in it: it goes with the last of them. */
export class SharedBrowser<B extends BrowserLike> {
  readonly browser: Promise<B>;
  /** Takes no new tab: it never came up, has died, hangs, or is being closed. */
  isOver = false;
  readonly #tabs = new Set<OnLost>();

  constructor(launch: () => B | PromiseLike<B>) {
    this.browser = Promise.resolve().then(launch);
    this.browser.then(
      (browser) => browser.on('disconnected', () => this.#end()),
      () => (this.isOver = true), // why, is what its tabs get: they wait for it
    );
  }

  enter(tab: OnLost): void {
    this.#tabs.add(tab);
  }

  /** Whether the browser closes with it, being left by the last. */
  async leave(tab: OnLost): Promise<boolean> {
    this.#tabs.delete(tab);
    const isLast = this.#tabs.size === 0;
    if (isLast) await this.close();
    return isLast;
  }

  /** Tells the tabs at once, since a browser that hangs says nothing more. */
  async close(): Promise<void> {
    this.#end();
    await this.browser.then((browser) => browser.close()).catch(() => {}); // there is none any more
  }

  #end(): void {
    this.isOver = true;
    for (const tab of this.#tabs) tab(new Error('the browser has disconnected'));
  }
}
