// @ts-check
// A screenshot and the title of each page:
//   npx tasker run browser.mjs "pages/*.html" --out screenshots.jsonl
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright';
import { defineWorker } from 'tasker-cli';

// Ctrl-C lets the pages under way finish: it must not close the browser, as it would by default.
/** @type {import('playwright').LaunchOptions} */
const OPTIONS = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
if (process.env.CHROME_PATH) OPTIONS.executablePath = process.env.CHROME_PATH;

/** One browser for all workers: the first opens it, the last closes it. @type {ReturnType<typeof launch> | undefined} */
let browser;
let tabs = 0;

const launch = async () => (await chromium.launch(OPTIONS)).on('disconnected', () => (browser = undefined));

async function leave() {
  if (--tabs > 0) return;
  const last = browser;
  browser = undefined;
  await (await last)?.close();
}

export default defineWorker({
  maxWorkerCount: 4, // tabs at most, of about 100 MB each

  // Makes the resource of a worker: a tab with cookies of its own, in which it opens one page after the other.
  onCreate: async ({ invalidate }) => {
    tabs++;
    try {
      const tab = await (await (browser ??= launch())).newPage({ viewport: { width: 1280, height: 800 } });
      // A tab that has crashed, or whose browser has, is good for nothing: the worker gets a new one.
      return tab
        .on('crash', () => invalidate('the tab has crashed'))
        .on('close', () => invalidate('the tab was closed'));
    } catch (error) {
      await leave();
      throw error;
    }
  },
  // Called once for each resource: when the run is over, and when it is to be replaced.
  onDestroy: async (tab) => {
    await tab.close();
    await leave();
  },
  maxUses: 100, // then a new tab: what pages leak is gone with the old one

  // Says after an error what was at fault: the tab (false: a new one, and the page is tried again) or the page (true: it fails).
  checkHealth: (_error, { invalidated }) => !invalidated,

  // An item is the path of a file, as globs give it, or a URL.
  run: async (/** @type {string} */ page, tab, { index }) => {
    await tab.goto(URL.canParse(page) ? page : pathToFileURL(resolve(page)).href, { timeout: 20_000 });
    const file = `screenshots/${index}-${page.replaceAll(/\W+/g, '-').slice(-80)}.png`;
    await tab.screenshot({ path: file });
    return { file, title: await tab.title() };
  },
});
