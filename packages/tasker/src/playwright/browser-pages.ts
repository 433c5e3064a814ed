import type { CreateContext, HealthInfo } from '../index.ts';
import { describe } from '../primitives/check.ts';
import { invalid } from '../primitives/option-rules.ts';
import type { BrowserLike, PageLike, PageOf } from './browser-types.ts';
import { SharedBrowser } from './shared-browser.ts';
import { Tab } from './tab.ts';
import type { BrowserTab } from './tab.ts';

/** Options of {@link browserPages}. */
export interface BrowserPagesOptions<B, P> {
  /**
   * Opens a page; its context is closed with it. Default: opens the page in a context of its own, which shares nothing
   * with others.
   */
  readonly openPage?: ((browser: B) => PromiseLike<P>) | undefined;
  /**
   * Whether the page of a tab is kept for its next task, and only sent to `about:blank`: cookies, storage, listeners and
   * pop-ups stay. Default false.
   */
  readonly keepPage?: boolean | undefined;
}

/**
 * Hooks for a task manager with pages of one browser as its resources. Spread them into the configuration, or wrap
 * them.
 */
export interface BrowserPageHooks<P> {
  readonly onCreate: (context: Pick<CreateContext, 'signal' | 'invalidate'>) => Promise<BrowserTab<P>>;
  readonly onDestroy: (tab: BrowserTab<P>) => Promise<unknown>;
  readonly onRelease: (tab: BrowserTab<P>) => Promise<unknown>;
  /** Returns false if the page or the browser died during the task, which is then retried on another page. */
  readonly checkHealth: (error: unknown, info: Pick<HealthInfo<BrowserTab<P>>, 'invalidated'>) => boolean;
}

/** What both libraries say of a page that is no more. */
const LOST = /clos|crash|detach|disconnect/i;

/**
 * Hooks for a task manager with pages as its resources, all in one browser, of Playwright or Puppeteer. The browser is
 * launched for the first page and closed with the last. A browser that dies is replaced once, when the first new page
 * is made. A page that crashes is replaced alone.
 *
 * @throws TaskerError `INVALID_CONFIG` if `launch` is not a function.
 *
 * @example
 * ```ts
 * import { chromium } from 'playwright-core';
 * import { createTaskManager } from 'tasker';
 * import { browserPages } from 'tasker/playwright';
 *
 * await using manager = await createTaskManager({
 *   ...browserPages(() => chromium.launch({ executablePath: '/usr/bin/chromium' })),
 *   workerCount: 1,
 *   resourcePoolSize: 0,
 *   abandonAfter: 0, // a page does not listen to a signal: replace it at once
 * });
 * const text = await manager.queueTask(
 *   async ({ page }) => {
 *     await page.goto('data:text/html,<h1>Hello</h1>');
 *     return page.textContent('h1');
 *   },
 *   { timeout: 30_000 },
 * );
 * console.log(text); // → Hello
 * ```
 */
export function browserPages<B extends BrowserLike, P extends PageLike = PageOf<B>>(
  launch: () => B | PromiseLike<B>,
  { openPage = openApart as (browser: BrowserLike) => Promise<P>, keepPage = false }: BrowserPagesOptions<B, P> = {},
): BrowserPageHooks<P> {
  if (typeof launch !== 'function') throw invalid(`launch must be a function, got ${describe(launch)}`);
  let shared: SharedBrowser<B> | undefined;
  return {
    onCreate: async ({ signal, invalidate }) => {
      const browser = (shared = shared === undefined || shared.isOver ? new SharedBrowser(launch) : shared);
      const tab = new Tab(browser, openPage, invalidate);
      const aborted = (): void => {
        if (String(signal.reason).includes('createTimeout')) void browser.close(); // it hangs: have another one
      };
      signal.addEventListener('abort', aborted);
      try {
        await tab.open();
        return tab;
      } catch (error) {
        await tab.close();
        throw error;
      } finally {
        signal.removeEventListener('abort', aborted);
      }
    },
    onDestroy: (tab) => (tab as Tab<P, B>).close(),
    onRelease: (tab) => (keepPage ? tab.page.goto('about:blank') : (tab as Tab<P, B>).renew()),
    checkHealth: (error, { invalidated }) => !invalidated || !LOST.test(String((error as Error | undefined)?.message)),
  };
}

async function openApart<P>(browser: BrowserLike<P>): Promise<P> {
  const context = await (browser.newContext?.() ?? browser.createBrowserContext?.());
  if (context === undefined) return browser.newPage();
  return context.newPage().catch(async (error: unknown) => {
    await context.close();
    throw error;
  });
}
