import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openPage } from './support/browser.ts';
import { Folder, tasker } from './support/command.ts';
import { NOON, resultLine } from './support/results.ts';

/** The page of `tasker report --html` in Debian's `chromium`. Needs `npm run build` first. */

const CHARTS = ['percentiles', 'durations', 'throughput'];

/** The address of a page about these results. */
async function pageOf(results: string): Promise<string> {
  const folder = new Folder();
  const path = folder.write('out.jsonl', results);
  await tasker(['report', path, '--html', 'page.html'], { cwd: folder.path });
  return pathToFileURL(`${folder.path}/page.html`).href;
}

/** The number of pixels of a canvas by their colour, without those that are blended with another. Evaluated in the page. */
const COUNT_PIXELS = `(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const counts = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] !== 255) continue;
    const colour = '#' + [...data.slice(i, i + 3)].map((part) => part.toString(16).padStart(2, '0')).join('');
    counts[colour] = (counts[colour] ?? 0) + 1;
  }
  return counts;
}`;

/** How many pixels of a chart have a colour of the page. */
async function pixels(page: Page, chart: string, name: string): Promise<number> {
  const colour = await page.evaluate<string>(`getComputedStyle(document.body).getPropertyValue('--${name}').trim()`);
  const counts = await page.evaluate<Record<string, number>>(
    `(${COUNT_PIXELS})(document.querySelector('#${chart} canvas'))`,
  );
  return counts[colour] ?? 0;
}

const isWide = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

const MIXED = Array.from({ length: 300 }, (_, i) => {
  const finishedAt = NOON + i * 1_000 + (i < 200 ? 0 : 40_000_000);
  const error = i % 3 === 0 ? { error: { name: 'Error', message: `no ${i}` } } : {};
  return resultLine(i, { ...error, runMs: 10 + i, waitMs: i, finishedAt });
}).join('');

test('its charts are drawn in the colours of the scheme, without any request, error or blocked style', async () => {
  const { page, requests, complaints } = await openPage(await pageOf(MIXED));
  expect(await page.title()).toMatch(/^Report of .*out\.jsonl$/);
  for (const colorScheme of ['light', 'dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const chart of CHARTS) {
      await expect.poll(() => pixels(page, chart, 'accent')).toBeGreaterThan(200);
    }
  }
  expect(await pixels(page, 'throughput', 'failed')).toBeGreaterThan(200);
  expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
});

test('it fits a phone, and its charts follow the width', async () => {
  const { page, complaints } = await openPage(await pageOf(MIXED));
  for (const width of [360, 1_280, 400]) {
    await page.setViewportSize({ width, height: 800 });
    for (const chart of CHARTS) {
      const widthOf = (selector: string): Promise<number> =>
        page.locator(selector).evaluate((element) => element.getBoundingClientRect().width);
      const place = await widthOf(`#${chart}`);
      await expect.poll(async () => Math.abs((await widthOf(`#${chart} .u-wrap`)) - place)).toBeLessThan(1);
    }
    expect(await isWide(page)).toBe(false);
  }
  expect(complaints).toEqual([]);
});

test('a chart says what is under the pointer', async () => {
  const { page } = await openPage(await pageOf(MIXED));
  await page.locator('#durations .u-over').hover();
  await expect.poll(() => page.locator('#durations .u-legend').textContent()).toMatch(/^took\d+ – \d+ msitems\d+$/);
});

test('whoever hears the page finds headings, and each chart as a table', async () => {
  const { page } = await openPage(await pageOf(MIXED));
  expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
    'Times',
    'How long runs took',
    'Throughput',
    'Errors',
    'Slowest',
  ]);
  expect(await page.getByRole('img').count()).toBe(3);
  expect(await page.getByRole('row', { name: /^max 309 ms 299 ms$/ }).count()).toBe(1);
  expect(await page.locator('details table').count()).toBe(2);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

const YEAR_9999 = Date.UTC(10_000, 0) - 1;

test('results of any shape make a page without an error', async () => {
  const hostile = '</script><img src=x onerror=alert(1)>\u001b[31m';
  const shapes = [
    '',
    resultLine(0),
    resultLine(0, { runMs: 0, waitMs: 0 }),
    resultLine(0, { finishedAt: undefined }),
    resultLine(0, { attempts: 0, runMs: 0, input: hostile, error: { name: hostile, message: hostile, code: hostile } }),
    resultLine(0, { finishedAt: 0, runMs: 0 }) + resultLine(1, { finishedAt: YEAR_9999, runMs: YEAR_9999 }),
    resultLine(0, { finishedAt: 0, runMs: YEAR_9999 }),
  ];
  const { page, requests, complaints } = await openPage('about:blank');
  for (const results of shapes) {
    await page.goto(await pageOf(results));
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('.chart').count()).toBe(await page.locator('.chart canvas').count());
  }
  expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
});
