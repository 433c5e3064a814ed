/** Pages of one Chromium, by Playwright: cookies apart, a page that crashes, and a browser that does. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { createTaskManager } from 'tasker';
import { browserPages } from 'tasker/playwright';

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'visited=1' });
  response.end(`<h1>page ${request.url}, ${request.headers.cookie ?? 'no cookie'}</h1>`);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const browsers: Browser[] = [];
const pages = await createTaskManager({
  ...browserPages(async () => {
    const browser = await chromium.launch({
      executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
      chromiumSandbox: process.getuid?.() !== 0, // as root Chromium has no sandbox
      handleSIGINT: false, // Ctrl-C is the manager's: tasks under way are finished
      handleSIGTERM: false,
    });
    browsers.push(browser);
    return browser;
  }),
  workerCount: 2,
  scaling: 'off',
  resourcePoolSize: 0, // no page kept aside for runTask
  abandonAfter: 0, // pages don't know signals: after a timeout, replace the page at once
  timeout: 30_000,
});
pages.on('retried', ({ task }) => console.log(`${task.name} again, attempt ${task.attempt}`));

const visit = (path: string, accident?: (browser: Browser | undefined) => Promise<unknown>) =>
  pages.queueTask(
    async ({ page }, { attempt }) => {
      await page.goto(url + path);
      if (attempt === 1) await accident?.(page.context().browser() ?? undefined);
      return page.textContent('h1');
    },
    { name: path },
  );

console.log(await visit('/one'));
console.log(await visit('/two'));

const hung = pages.queueTask(({ page }) => page.evaluate('for (;;);'), { timeout: 500 });
await hung.catch((error: Error) => console.log(error.message));

const crash = async (browser: Browser | undefined): Promise<void> => {
  const session = await browser?.newBrowserCDPSession();
  await session?.send('Browser.crash');
};
console.log(await visit('/three', crash));
console.log(`${browsers.length} browsers`);
await pages.stop();
server.close();
