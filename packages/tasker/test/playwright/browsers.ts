import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { browserPages } from 'tasker/playwright';
import type { BrowserPageHooks, PageLike } from 'tasker/playwright';
import { onTestFinished } from 'vitest';

/** Debian's `chromium`, launched by each of the two libraries. */

const executablePath = '/usr/bin/chromium';
/** As root Chromium has no sandbox. */
export const isRoot: boolean = process.getuid?.() === 0;

/** What the tests ask of a page of either library. */
export interface AnyPage extends PageLike {
  evaluate(script: string): Promise<unknown>;
  waitForSelector(selector: string, options: { timeout: number }): Promise<unknown>;
}

/** Hooks, and the processes of the browsers that were launched for them, in order. */
export interface Launched {
  readonly hooks: BrowserPageHooks<AnyPage>;
  readonly pids: readonly number[];
}

interface Options {
  readonly keepPage?: boolean;
}

export const LIBRARIES: Readonly<Record<string, (options?: Options) => Launched>> = {
  Playwright: (options) =>
    launched((pids) =>
      browserPages(async () => {
        const browser = await chromium.launch({ executablePath, chromiumSandbox: !isRoot });
        pids.push(await pidOf(browser));
        return browser;
      }, options),
    ),
  Puppeteer: (options) =>
    launched((pids) =>
      browserPages(async () => {
        const browser = await puppeteer.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
        pids.push(browser.process()?.pid ?? NaN);
        return browser;
      }, options),
    ),
};

function launched(makeHooks: (pids: number[]) => unknown): Launched {
  const pids: number[] = [];
  onTestFinished(() => pids.filter(isThere).forEach((pid) => process.kill(pid, 'SIGKILL')));
  return { hooks: makeHooks(pids) as BrowserPageHooks<AnyPage>, pids };
}

/** Its process. */
export async function pidOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')?.id ?? NaN;
}

/** Whether a process has not ended. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
