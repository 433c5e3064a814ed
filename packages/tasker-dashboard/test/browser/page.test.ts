import axe from 'axe-core';
import type { Page } from 'playwright';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openAt, openPage, startServer, useBrowser } from '../support/browser.ts';
import { openDashboard, startManager } from '../support/dashboard.ts';
import type { Manager } from '../support/dashboard.ts';

/** Needs `npm run build` first, and Debian's `chromium`. */

useBrowser();

/** A task that runs until its signal aborts. */
const endless = (_: undefined, { signal }: { signal: AbortSignal }): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

const hang = (manager: Manager, name: string, meta?: unknown): void => {
  manager.queueTask(endless, { name, meta, key: `key of ${name}` }).catch(() => {});
};

const isWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test('a manager without tasks says so, and nothing leaves the server', async () => {
  const dashboard = openDashboard({ managers: { images: await startManager() } });
  const { page, complaints, foreign } = await openPage(dashboard);
  await page.getByText('Nothing has been submitted to images yet').waitFor();
  await page.getByText('on 1 place', { exact: true }).waitFor();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('images');
  expect(await page.title()).toBe('images – tasker');
  expect(await page.locator('.cell.idle').count()).toBe(1);
  expect(await page.locator('.plot canvas').count()).toBe(4);
  expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
});

test('a burst is seen: its tasks on workers, in queues by priority and key, and in the charts', async () => {
  const manager = await startManager({ workerCount: 2, maxWorkerCount: 4, scaling: 'auto', targetWait: 0 });
  const { page, complaints } = await openPage(openDashboard({ managers: { images: manager } }));
  for (let i = 0; i < 9; i++) {
    manager.queueTask(endless, { name: `photo ${i}`, priority: i % 2, key: `customer ${i % 3}` }).catch(() => {});
  }
  await page.locator('.cell.busy').nth(3).waitFor();
  expect(await page.locator('.cell.busy').first().textContent()).toMatch(/photo \d.*old.*1 use/);
  await page.getByRole('row', { name: /^customer 1 \d \d$/ }).waitFor();
  await page.getByText('5 tasks', { exact: true }).waitFor();
  await page.getByText('4 workers, 4 tasks running').waitFor();
  await page.getByText('Why the number of workers changed').click();
  expect(await page.locator('.log li').first().textContent()).toMatch(/\d\d:\d\d:\d\d .*workers/);
  expect(
    await page
      .locator('.cell')
      .first()
      .evaluate((cell) => getComputedStyle(cell).borderTopColor),
  ).not.toBe('');
  expect(complaints).toEqual([]);
});

test('many workers are squares, and one that is chosen tells all', async () => {
  const manager = await startManager({ workerCount: 60 });
  hang(manager, 'the only one');
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  expect(await page.locator('.square').count()).toBe(60);
  await page.getByRole('button', { name: /busy: the only one/ }).click();
  await page.locator('.chosen').getByText('the only one').waitFor();
  for (const key of ['End', 'ArrowLeft', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
  expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^worker 59, /);
});

const fail = (): never => {
  throw Object.assign(new TypeError('no such photo', { cause: new Error('ENOENT') }), { code: 'E_PHOTO' });
};

test('of more workers than are sent all are counted', async () => {
  const manager = await startManager({ workerCount: 600 });
  hang(manager, 'the only one');
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  await page.getByText('… and 100 more').waitFor();
  expect(await page.getByRole('list', { name: 'States' }).getByRole('listitem').allTextContents()).toEqual([
    '1 busy',
    '599 idle',
  ]);
});

test('of a stuck task whose worker is not sent the page does not say that it has ended', async () => {
  const manager = await startManager({ workerCount: 501, stuckAfter: 1_000 });
  const ends: (() => void)[] = [];
  const run = (_: undefined, { worker }: { readonly worker: { readonly id: number } }): Promise<void> =>
    new Promise((resolve) => {
      ends.push(worker.id > 500 ? () => {} : resolve);
      if (ends.length === 501) for (const end of ends) end();
    });
  for (let i = 1; i <= 501; i++) manager.queueTask(run, { name: `task ${i}` }).catch(() => {});
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  await page.locator('.notes').getByText('may run still: its worker is not shown').waitFor();
  await page.locator('.notes').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the task' }).click();
  await page.getByText(/task \d+ is cancelled/).waitFor();
  await page.locator('.notes').getByText('has ended since').waitFor();
});

test('every one of many managers is in sight on a wide window', async () => {
  const manager = await startManager();
  const names = Array.from({ length: 16 }, (_, i) => `a manager with a long name ${i}`);
  const managers = Object.fromEntries(names.map((name) => [name, manager]));
  const { page } = await openPage(openDashboard({ managers }));
  const box = await page.getByRole('link', { name: names.at(-1) ?? '' }).boundingBox();
  const { width } = page.viewportSize() ?? { width: 0 };
  expect((box?.x ?? width) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
});

test('a failure is shown with its stack, attempts and meta, and the life of its task as a time line', async () => {
  const manager = await startManager({
    checkHealth: () => ({ resource: 'keep', task: 'retry', after: 5 }),
    maxRetries: 1,
  });
  await manager.queueTask(fail, { name: 'photo 7', meta: { album: 12 } }).catch(() => {});
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  await manager.queueTask(fail, { name: 'photo 8', meta: { album: 13 } }).catch(() => {});
  const row = page.locator('.notes li').filter({ hasText: 'photo 8' });
  await row.getByText('2 attempts').waitFor();
  await row.getByRole('button', { name: 'Details' }).click();
  const details = (await row.textContent()) ?? '';
  for (const part of ['no such photo', 'E_PHOTO', 'page.test.ts', 'caused by', 'ENOENT', '"album": 13']) {
    expect(details).toContain(part);
  }
  await row.getByRole('button', { name: /^photo 8/ }).click();
  const life = page.getByRole('dialog');
  await life.getByText('failed for good').waitFor();
  expect(await life.locator('.life').getAttribute('aria-label')).toMatch(
    /^waited for .+, ran for .+, waited for .+, ran for/,
  );
  expect(await life.locator('.line-of-life > li').first().textContent()).toMatch(/\d\d:\d\d:\d\d submitted/);
  expect(await life.locator('.note-retried').count()).toBe(1);
  await page.keyboard.press('Escape');
  await life.waitFor({ state: 'detached' });
});

test('a stuck task is shown, and can be cancelled', async () => {
  const manager = await startManager({ stuckAfter: 1 });
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  hang(manager, 'tar pit');
  const row = page.locator('.notes li').filter({ hasText: 'tar pit' });
  await row.getByRole('button', { name: /^Cancel/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the task' }).click();
  await row.getByText('has ended since').waitFor();
  expect(manager.metrics().totalTasksCancelled).toBe(1);
});

test('a task that waits is found by its name, and cancelled after a question', async () => {
  const manager = await startManager();
  hang(manager, 'first');
  const handle = manager.submit(endless, { name: 'needle in the hay' });
  const outcome = handle.result.catch((error: Error) => error.name);
  for (let i = 0; i < 50; i++) hang(manager, `hay ${i}`);
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  await page.getByRole('searchbox').fill('NEEDLE');
  await page.getByText('1 found in images').waitFor();
  await page.getByRole('button', { name: /^Cancel needle/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(handle.state).toBe('queued');
  await page.getByRole('button', { name: /^Cancel needle/ }).click();
  await dialog.getByRole('button', { name: 'Cancel the task' }).click();
  expect(await outcome).toBe('AbortError');
  await page.locator('.badge.cancelled').waitFor();
  await page.getByRole('searchbox').fill(handle.id);
  await page.getByText('1 found in images').waitFor();
});

test('the life of a task goes on while it is looked at, and does not end in a lie if its end was not heard', async () => {
  const manager = await startManager();
  manager.pause();
  for (let i = 0; i < 99; i++) void manager.queueTask(() => 1, { name: `hay ${i}` }).catch(() => {});
  void manager.queueTask(() => 1, { name: 'needle' }).catch(() => {});
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  await page.getByRole('searchbox').fill('needle');
  await page.getByRole('button', { name: /^needle/ }).click();
  const life = page.getByRole('dialog');
  await life.getByText('queued').waitFor();
  manager.resume(); // a hundred tasks complete at once
  await life.getByText('It has ended.').waitFor();
  expect(await life.getByRole('button', { name: /^Cancel/ }).count()).toBe(0);
});

test('a manager is paused, resumed, resized and stopped, and each state explains itself', async () => {
  const manager = await startManager();
  await manager.queueTask(() => 1);
  const { page, complaints } = await openPage(openDashboard({ managers: { images: manager } }));
  const dialog = page.getByRole('dialog');
  const act = async (button: string, verb: string): Promise<void> => {
    await page.getByRole('button', { name: button, exact: true }).click();
    await dialog.getByRole('button', { name: verb }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await act('Pause', 'Pause');
  await page.getByText('images is paused: 0 tasks wait').waitFor();
  await act('Resume', 'Resume');
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Resize…' }).click();
  await dialog.getByLabel('Workers that are always there').fill('9');
  await dialog.getByRole('button', { name: 'Resize' }).click();
  await dialog.getByRole('alert').getByText('maxWorkerCount').waitFor();
  await dialog.getByLabel('Most workers').fill('9');
  await dialog.getByRole('button', { name: 'Resize' }).click();
  await page.getByText('9 of at most 9').waitFor();
  await act('Recycle', 'Recycle');
  await act('Stop', 'Stop');
  await page.getByText('images is stopped: it takes no more tasks.').waitFor();
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
  // A refusal is on the console of the browser as well.
  expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
});

test('a page that is read-only has no actions', async () => {
  const manager = await startManager({ stuckAfter: 1 });
  hang(manager, 'tar pit');
  const { page } = await openPage(openDashboard({ managers: { images: manager }, readOnly: true }));
  await page.locator('.notes').getByText('tar pit').waitFor();
  expect(await page.getByRole('button', { name: /Pause|Stop|Cancel|Resize|Recycle/ }).count()).toBe(0);
});

test('several managers are in one page, each at an address of its own', async () => {
  const [images, mail] = [await startManager(), await startManager()];
  mail.pause();
  const server = await startServer(openDashboard({ managers: { images, 'mail & co': mail } }));
  const { page } = await openAt(server.url);
  await page.getByRole('link', { name: 'mail & co' }).click();
  await page.getByRole('heading', { level: 1, name: 'mail & co' }).waitFor();
  await page.getByText('mail & co is paused').waitFor();
  const again = await openAt(page.url());
  await again.page.getByRole('heading', { level: 1, name: 'mail & co' }).waitFor();
  await page.evaluate(() => (location.hash = '#%'));
  await page.getByRole('heading', { level: 1, name: 'images' }).waitFor();
});

test('names, keys, errors and meta are text, whatever is in them', async () => {
  const hostile = `"><img src=x onerror="document.title='hit'"><script>document.title='hit'</script>{{7*7}}\u202e`;
  const manager = await startManager({ stuckAfter: 1 });
  const dashboard = openDashboard({ managers: { [hostile]: manager, 'javascript:alert(1)': manager } });
  const { page, complaints, foreign } = await openPage(dashboard);
  const error = Object.assign(new Error(hostile), { name: hostile, code: hostile, stack: hostile });
  await manager
    .queueTask(() => Promise.reject(error), { name: hostile, key: hostile, meta: { [hostile]: hostile } })
    .catch(() => {});
  manager.queueTask(endless, { name: hostile, key: hostile, meta: hostile }).catch(() => {});
  await page.locator('.notes li').nth(1).waitFor();
  for (const details of await page.getByRole('button', { name: 'Details' }).all()) await details.click();
  await page.locator('.notes .task').first().click();
  await page.getByRole('dialog').getByText('failed for good').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').fill('<img');
  await page.getByText(/found in/).waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click();
  expect(await page.locator('img, script:not([src]), iframe').count()).toBe(0);
  expect(await page.title()).toBe(`${hostile} – tasker`);
  expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
});

test('names and keys without an end fit a phone, and the dialog of a task begins with its title', async () => {
  const manager = await startManager({ stuckAfter: 1 });
  const endlessText = 'x'.repeat(400);
  manager.queueTask(endless, { name: endlessText, key: 'long words '.repeat(90) }).catch(() => {});
  manager.queueTask(endless, { name: 'short', key: endlessText }).catch(() => {});
  const dashboard = openDashboard({ managers: { [endlessText]: manager } });
  const { page } = await openPage(dashboard, { viewport: { width: 320, height: 400 } });
  await page.getByRole('searchbox').fill('s'); // of `short`
  await page.locator('.rows li').getByText('short').waitFor();
  await page.locator('.notes').getByText('x').first().waitFor();
  expect(await isWide(page)).toBe(false);
  const areCut = await page
    .locator('.rows li, .notes li')
    .evaluateAll((all) => all.map(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth));
  expect(areCut).not.toContain(true);
  await page.locator('.notes .task').first().click();
  const { y = -1 } = (await page.getByRole('dialog').getByRole('heading').boundingBox()) ?? {};
  expect(y).toBeGreaterThanOrEqual(0);
});

test('what is held by a lease is told of a manager that is to stop, and is stopping', async () => {
  const manager = await startManager();
  const lease = await manager.lease();
  onTestFinished(() => lease.release());
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('It accepts nothing more, finishes 0 tasks, waits for 1 lease, and destroys').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await page.getByText('images is stopping: it finishes 0 tasks, waits for 1 lease, and then').waitFor();
});

test('a search that gets no answer does not say that there is nothing', async () => {
  const server = await startServer(openDashboard({ managers: { images: await startManager() } }));
  const { page } = await openAt(server.url);
  await server.close();
  await page.getByRole('searchbox').fill('needle');
  await page.getByText('the server cannot be reached').waitFor();
  expect(await page.getByText('None waits or runs').count()).toBe(0);
});

test('after the server has gone the page says so, and comes back by itself, with a new token', async () => {
  const manager = await startManager();
  await manager.queueTask(() => 1);
  const first = openDashboard({ managers: { images: manager } });
  const server = await startServer(first);
  const { page } = await openAt(server.url);
  await server.close();
  await page.getByText(/^The connection is lost/).waitFor();
  await page.getByText('Offline').waitFor();
  expect(await page.getByRole('alert').textContent()).toMatch(/What you see is of \d\d:\d\d:\d\d/);
  const second = openDashboard({ managers: { images: manager } });
  await startServer(second, Number(new URL(server.url).port));
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await page.getByText('images is paused:').waitFor();
});

const setHidden = (page: Page, isHidden: boolean): Promise<void> =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);

test('a page that is hidden watches no more after a moment, until it is shown', async () => {
  const { page } = await openPage(openDashboard({ managers: { images: await startManager() } }));
  await page.clock.install();
  await setHidden(page, true);
  await page.clock.fastForward(4_000);
  await setHidden(page, false);
  await page.clock.fastForward(4_000);
  expect(await page.locator('.pill').textContent()).toBe('Live');
  await setHidden(page, true);
  await page.clock.fastForward(6_000);
  await page.getByText('Connecting', { exact: true }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await setHidden(page, false);
  await page.getByText('Live', { exact: true }).waitFor();
});

test('many tabs of one browser share its connections: those that are hidden leave them to the others', async () => {
  const { url } = await startServer(openDashboard({ managers: { images: await startManager() } }));
  const first = await openAt(url);
  const pages = [first.page];
  for (let i = 1; i < 8; i++) {
    const behind = pages.at(-1);
    if (behind !== undefined && i > 5) {
      await behind.clock.install();
      await setHidden(behind, true);
      await behind.clock.fastForward(6_000);
    }
    const page = await first.page.context().newPage();
    await page.goto(url);
    await page.getByText('Live', { exact: true }).waitFor();
    pages.push(page);
  }
});

test('a stream that the server ends after its longest time is come back to at once, and nobody is alarmed', async () => {
  let offset = 0;
  const now = performance.now.bind(performance);
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + offset);
  onTestFinished(() => spy.mockRestore());
  const manager = await startManager();
  const { page, complaints } = await openPage(openDashboard({ managers: { images: manager } }));
  await page.clock.install();
  await page.clock.fastForward(11_000); // one that ends at once is lost
  const alarms = page.getByRole('alert');
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.querySelector('[role=alert]') !== null) console.error('an alarm');
    }).observe(document.body, { childList: true, subtree: true });
  });
  const again = page.waitForRequest(/api\/stream$/);
  offset = 16 * 60_000;
  await again;
  manager.pause();
  await page.getByText('images is paused:').waitFor();
  expect([await alarms.count(), complaints]).toEqual([0, []]);
});

test('one who is no longer let in is told so, and may try again', async () => {
  let isAllowed = true;
  const authorize = (): boolean => isAllowed;
  const dashboard = openDashboard({ managers: { images: await startManager() }, authorize });
  const server = await startServer(dashboard);
  const { page } = await openAt(server.url);
  isAllowed = false;
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText('authorize refused this request').waitFor();
  await page.keyboard.press('Escape');
  await server.close();
  await startServer(dashboard, Number(new URL(server.url).port));
  await page.getByText('The server no longer lets you in: authorize refused this request.').waitFor();
  isAllowed = true;
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
});

test('dark follows the scheme of the reader, also while the page is open', async () => {
  const dashboard = openDashboard({ managers: { images: await startManager() } });
  const { page, complaints } = await openPage(dashboard, { colorScheme: 'light' });
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await background()).not.toBe(light);
  expect(await page.locator('.plot canvas').count()).toBe(4);
  expect(complaints).toEqual([]);
});

test('the page fits a phone, and grows with the window', async () => {
  const manager = await startManager({ workerCount: 3 });
  const dashboard = openDashboard({ managers: { ['d'.repeat(80)]: manager, ['e'.repeat(80)]: manager } });
  hang(manager, 'a'.repeat(300), { deep: { text: 'b'.repeat(500) } });
  await manager.queueTask(() => Promise.reject(new Error('c'.repeat(900)))).catch(() => {});
  const { page } = await openPage(dashboard, { viewport: { width: 320, height: 700 } });
  await page.locator('.notes li').first().waitFor();
  await page.getByRole('button', { name: 'Details' }).click();
  for (const width of [320, 390, 1_280, 360]) {
    await page.setViewportSize({ width, height: 700 });
    await expect
      .poll(() =>
        page
          .locator('.u-wrap')
          .first()
          .evaluate((plot) => plot.clientWidth - (plot.parentElement?.parentElement?.clientWidth ?? 0)),
      )
      .toBe(0);
    expect(await isWide(page)).toBe(false);
  }
});

test('everything can be done with the keyboard, and the focus comes back from a dialog', async () => {
  const manager = await startManager();
  hang(manager, 'photo');
  const { page } = await openPage(openDashboard({ managers: { images: manager } }));
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Pause');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(focused).toBe('Pause');
  await page.getByText('photo').first().waitFor(); // it is told a moment after the rest
  for (let i = 0; i < 4; i++) await page.keyboard.press('Tab');
  expect(await focused()).toMatch(/^photo/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('has run for').waitFor();
  await dialog.getByRole('button', { name: /^Cancel photo/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Cancel the task' }).focus();
  await page.keyboard.press('Enter');
  await dialog.getByText('was cancelled').waitFor();
  expect(manager.metrics().totalTasksCancelled).toBe(1);
});

test.each(['light', 'dark'] as const)(
  'axe finds nothing serious in the %s page and its dialogs',
  async (colorScheme) => {
    const manager = await startManager({
      workerCount: 3,
      stuckAfter: 1,
      resourcePoolSize: 1,
      rate: { limit: 1_000, interval: 10 },
    });
    const dashboard = openDashboard({ managers: { images: manager, mail: await startManager() } });
    hang(manager, 'photo', { a: 1 });
    await manager.lease({ name: 'lent' });
    await manager.queueTask(() => Promise.reject(new Error('no'))).catch(() => {});
    const { page } = await openPage(dashboard, { colorScheme });
    await page.locator('.notes li').nth(1).waitFor();
    await page.evaluate(axe.source);
    const seriousOf = (): Promise<unknown> =>
      page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
        interface Violation {
          readonly id: string;
          readonly impact: string;
          readonly nodes: readonly { readonly html: string }[];
        }
        const { violations } = await axe.run();
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
      });
    await page.getByRole('button', { name: 'Details' }).first().click();
    expect(await seriousOf()).toEqual([]);
    await page.getByRole('button', { name: 'Resize…' }).click();
    expect(await seriousOf()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('.notes .task').first().click();
    expect(await seriousOf()).toEqual([]);
    await page.keyboard.press('Escape');
    manager.pause();
    await page.getByText('images is paused:').waitFor();
    expect(await seriousOf()).toEqual([]);
  },
);
