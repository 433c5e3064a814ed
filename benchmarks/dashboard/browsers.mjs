// Real watchers: so many browsers, each with a page of its own, while a burst of tasks comes every few seconds. Tells what the server took, and
// fails if a page complains or falls behind. Needs Debian's `chromium`.
//
//   --watchers N    instead of 10
//   --seconds N     instead of 60

import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createTaskManager } from 'tasker';
import { createDashboard, serve } from 'tasker-dashboard';
import { positive } from '../kit/options.mjs';

const { values } = parseArgs({ options: { watchers: { type: 'string' }, seconds: { type: 'string' } } });
const watchers = positive('watchers', values.watchers, 10);
const seconds = positive('seconds', values.seconds, 60);

const BURST = 2_000;
const BETWEEN_BURSTS = 3_000;

const manager = await createTaskManager({ workerCount: 8, maxWorkerCount: 32, resourcePoolSize: 0, stuckAfter: 5_000 });
const dashboard = createDashboard({ managers: { images: manager } });
const server = await serve(dashboard, { port: 0 });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  chromiumSandbox: process.getuid?.() !== 0, // as root Chromium has no sandbox
});
const complaints = [];
const pages = [];
for (let i = 0; i < watchers; i++) {
  const context = await browser.newContext(); // its connections are its own, as those of another person are
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'log' || complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(server.url);
  pages.push(page);
}

const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / 1e5) / 10;
/** What is held, and not what waits to be collected: needs `--expose-gc`. */
const held = () => {
  globalThis.gc?.();
  return megabytes(process.memoryUsage().heapUsed + process.memoryUsage().external);
};

let submitted = 0;
const submit = () => {
  const i = submitted++;
  const options = { name: `thumb ${i}`, key: `customer ${i % 50}`, meta: { i } };
  manager
    .queueTask(() => setTimeout(5).then(() => (i % 50 === 0 ? Promise.reject(new Error('no')) : i)), options)
    .catch(() => {});
};

const memory = [held()];
const cpu = process.cpuUsage();
const began = performance.now();
while (performance.now() - began < seconds * 1_000) {
  for (let i = 0; i < BURST; i++) submit();
  await setTimeout(BETWEEN_BURSTS);
  memory.push(held());
}
const { user, system } = process.cpuUsage(cpu);
const load = (user + system) / 10 / (performance.now() - began);
await manager.onIdle();
const all = manager.metrics().totalTasksCompleted;
const text = `${all.toLocaleString('en')} in all`;
const behind = [];
for (const [i, page] of pages.entries()) {
  await page
    .getByText(text)
    .waitFor({ timeout: 10_000 })
    .catch(() => behind.push(i));
}
console.log(
  `${watchers} browsers, ${seconds} s, ${submitted.toLocaleString('en')} tasks of 5 ms, ${load.toFixed(1)} % of a core`,
);
console.log(`MB held: ${memory.join(', ')}`);
console.log(`complaints: ${complaints.length === 0 ? 'none' : complaints.join('\n')}`);
console.log(`behind: ${behind.length === 0 ? 'none' : behind.join(', ')}`);
if (complaints.length > 0 || behind.length > 0) process.exitCode = 1;
await browser.close();
await server.close();
dashboard.close();
await manager.stop();
