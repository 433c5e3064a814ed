// Takes the pictures of the README: `npm run build && node packages/tasker-dashboard/picture/take.mjs [seconds of load]`.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { createDashboard, serve } from 'tasker-dashboard';
import { startDemo } from './demo.mjs';

const seconds = Number(process.argv[2] ?? 900);
const folder = process.argv[3] ?? fileURLToPath(new URL('../../../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });

const demo = await startDemo(Math.max(40, seconds / 7));
const dashboard = createDashboard({ managers: demo.managers, history: seconds * 1_000 });
const server = await serve(dashboard, { port: 0 });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  chromiumSandbox: process.getuid?.() !== 0,
});

const open = async (options) => {
  const page = await browser.newPage(options);
  page.on('console', (message) => console.log(message.text()));
  page.on('pageerror', (error) => console.log(error));
  await page.goto(server.url);
  return page;
};
const desktop = { viewport: { width: 1280, height: 1180 }, deviceScaleFactor: 1.5 };
const light = await open({ ...desktop, colorScheme: 'light' });
const dark = await open({ ...desktop, colorScheme: 'dark' });
const phone = await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' });
await light.waitForTimeout(seconds * 1_000);
// When there is something of each kind to be seen.
await light.waitForFunction(
  () => ['.cell.busy', '.cell.idle', '.cell.starting'].every((cell) => document.querySelector(cell)),
  undefined,
  {
    timeout: 120_000,
  },
);

await light.screenshot({ path: `${folder}/dashboard-light.png` });
await dark.screenshot({ path: `${folder}/dashboard-dark.png` });
await phone.screenshot({ path: `${folder}/dashboard-phone.png` });
if (process.argv[3] !== undefined) {
  await light.screenshot({ path: `${folder}/full-light.png`, fullPage: true });
  await phone.screenshot({ path: `${folder}/full-phone.png`, fullPage: true });
}
await light.locator('.note .task').first().click();
await light.screenshot({ path: `${folder}/dashboard-task.png` });

await browser.close();
await server.close();
dashboard.close();
await demo.end();
