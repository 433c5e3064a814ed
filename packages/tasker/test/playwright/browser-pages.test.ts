import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import type { Page as PuppeteerPage } from 'puppeteer-core';
import { createTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { browserPages } from 'tasker/playwright';
import type { BrowserPagesOptions, BrowserTab } from 'tasker/playwright';
import { afterAll, beforeAll, describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { until } from '../faults/until.ts';
import { isRoot, isThere, LIBRARIES, pidOf } from './browsers.ts';
import type { AnyPage, Launched } from './browsers.ts';

/** Needs Debian's `chromium`, whose processes are killed on the way. */

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${request.url}</title>`);
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

type Tab = BrowserTab<AnyPage>;

async function start(
  { hooks }: Pick<Launched, 'hooks'>,
  config: Partial<TaskManagerConfig<Tab>> = {},
): Promise<TaskManager<Tab>> {
  const sizes = { workerCount: 1, scaling: 'off', resourcePoolSize: 0, abandonAfter: 0 } as const;
  const manager = await createTaskManager({ ...hooks, ...sizes, ...config });
  onTestFinished(async () => void (await manager.kill()));
  return manager;
}

const visit = async ({ page }: Tab, path: string): Promise<string> => {
  await page.goto(url + path);
  return String(await page.evaluate('document.title')); // `title()` of Playwright is empty where the page has gone meanwhile
};

/** Sets a cookie and an item of the storage; resolves with what was there before. */
const remember = async ({ page }: Tab): Promise<unknown> => {
  await page.goto(url);
  return page.evaluate(
    `(() => { const before = document.cookie + localStorage.length; document.cookie = 'a=1'; localStorage.a = 1; return before; })()`,
  );
};

const crash = async ({ page }: Tab): Promise<string> => {
  const answer = page.evaluate('new Promise(() => {})');
  page.goto('chrome://crash').catch(() => {});
  return String(await answer);
};

const hang = ({ page }: Tab): Promise<unknown> => page.evaluate('for (;;);');

describe.each(Object.entries(LIBRARIES))('pages of %s', (_, launch) => {
  test('are in one browser, which is gone after the stop', async () => {
    const launched = launch();
    const manager = await start(launched, { workerCount: 3 });
    const titles = await Promise.all(
      ['/a', '/b', '/c', '/d'].map((path) => manager.queueTask((tab) => visit(tab, path))),
    );
    expect(titles).toEqual(['/a', '/b', '/c', '/d']);
    expect(launched.pids).toHaveLength(1);
    await manager.stop();
    await until(() => !launched.pids.some(isThere), 'the browser to end');
  });

  test('know nothing of the task before, unless they are kept', async () => {
    const apart = await start(launch());
    expect([await apart.queueTask(remember), await apart.queueTask(remember)]).toEqual(['0', '0']);
    const kept = await start(launch({ keepPage: true }));
    expect([await kept.queueTask(remember), await kept.queueTask(remember)]).toEqual(['0', 'a=11']);
    expect(await kept.queueTask(({ page }) => page.evaluate('location.href'))).toBe('about:blank');
    expect(kept.metrics().totalResourcesCreated).toBe(1);
  });

  test('outlive the browser: killed under load, it is replaced once, and every task has its answer', async () => {
    const launched = launch();
    const manager = await start(launched, { workerCount: 3 });
    const paths = Array.from({ length: 8 }, (_, i) => `/${i}`);
    const titles = Promise.all(paths.map((path) => manager.queueTask((tab) => visit(tab, path))));
    await until(() => manager.metrics().totalTasksCompleted > 0, 'a first answer');
    process.kill(launched.pids[0] ?? NaN, 'SIGKILL');
    expect(await titles).toEqual(paths);
    expect(launched.pids).toHaveLength(2);
  });

  test('outlive the browser while they are idle', async () => {
    const launched = launch();
    const manager = await start(launched, { workerCount: 2 });
    process.kill(launched.pids[0] ?? NaN, 'SIGKILL');
    await until(() => manager.metrics().totalResourcesCreated === 4, 'other pages');
    expect(await manager.queueTask((tab) => visit(tab, '/again'))).toBe('/again');
    expect(launched.pids).toHaveLength(2);
    expect(manager.metrics().totalTasksRetried).toBe(0);
  });

  test('crash one by one: the task runs again, and others are left alone', async () => {
    const launched = launch();
    const manager = await start(launched, { workerCount: 2 });
    const crashed = new AbortController();
    const other = manager.queueTask(async (tab) => {
      await once(crashed.signal, 'abort');
      return visit(tab, '/other');
    });
    const title = manager.queueTask((tab, { attempt }) => (attempt === 1 ? crash(tab) : visit(tab, '/crashed')));
    expect(await title).toBe('/crashed');
    crashed.abort();
    expect(await other).toBe('/other');
    expect(launched.pids).toHaveLength(1);
    expect(manager.metrics().totalTasksRetried).toBe(1);
  });

  test('hang one by one: after its timeout a page is replaced, and its function ends', async () => {
    const launched = launch();
    const manager = await start(launched, { workerCount: 2 });
    let ended: unknown;
    const hung = manager.queueTask((tab) => hang(tab).catch((error: unknown) => void (ended = error)), {
      timeout: 300,
    });
    await expect(hung).rejects.toMatchObject({ code: 'TIMEOUT' });
    await until(() => manager.metrics().totalResourcesCreated === 3, 'another page');
    expect(await manager.queueTask((tab) => visit(tab, '/next'))).toBe('/next');
    await until(() => ended !== undefined, 'the function to end');
    expect(launched.pids).toHaveLength(1);
  });

  test('are left hanging by a task, and the next one has another', async () => {
    const manager = await start(launch());
    await manager.queueTask((tab) => void hang(tab).catch(() => {}));
    expect(await manager.queueTask((tab) => visit(tab, '/next'))).toBe('/next');
  });

  test('fail tasks whose own fault it is, once', async () => {
    const manager = await start(launch());
    const failures = [
      ({ page }: Tab) => page.goto('http://127.0.0.1:1/'),
      ({ page }: Tab) => page.waitForSelector('#missing', { timeout: 10 }),
      ({ page }: Tab) => page.evaluate(`(() => { throw new Error('closed'); })()`),
      async ({ page }: Tab) => {
        await page.close();
        await page.evaluate('1'); // too late
      },
    ];
    for (const fail of failures) await expect(manager.queueTask(fail)).rejects.toThrow();
    expect(await manager.queueTask((tab) => visit(tab, '/fine'))).toBe('/fine');
    expect(manager.metrics()).toMatchObject({ totalTasksRetried: 0, totalResourcesCreated: 1 });
  });

  test('are made in another browser when the one there is hangs', async () => {
    const launched = launch();
    const manager = await start(launched, { createTimeout: 10_000, createBackoff: () => 10, destroyTimeout: 100 });
    await manager.queueTask((tab) => visit(tab, '/before'));
    process.kill(launched.pids[0] ?? NaN, 'SIGSTOP');
    manager.resize({ workerCount: 2, maxWorkerCount: 2 });
    await until(() => launched.pids.length === 2, 'another browser');
    expect(await manager.queueTask((tab) => visit(tab, '/after'))).toBe('/after');
  });
});

test('a browser that does not come up is launched again for the next page', async () => {
  const { hooks } = LIBRARIES['Playwright']?.() ?? expect.fail();
  let launches = 0;
  const failing = browserPages(() => {
    launches++;
    return chromium.launch({ executablePath: '/nowhere/chromium' });
  });
  const config = { workerCount: 2, resourcePoolSize: 0, createBackoff: () => 1 };
  await expect(createTaskManager({ ...failing, ...config })).rejects.toMatchObject({
    code: 'CREATE_FAILED',
    message: expect.stringContaining('/nowhere/chromium'),
  });
  const before = launches;
  await expect(createTaskManager({ ...failing, ...config })).rejects.toMatchObject({ code: 'CREATE_FAILED' });
  expect(launches).toBeGreaterThan(before);
  expect(await (await start({ hooks })).queueTask((tab) => visit(tab, '/'))).toBe('/');
});

test('a page that is being opened when the browser dies is made anew in the next one', async () => {
  let opened = 0;
  const pids: number[] = [];
  const hooks = browserPages(
    async () => {
      const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: !isRoot });
      pids.push(await pidOf(browser));
      return browser;
    },
    {
      openPage: (browser): Promise<Page> => (++opened === 2 ? new Promise(() => {}) : browser.newPage()),
      keepPage: true,
    },
  );
  const manager = await createTaskManager({ ...hooks, workerCount: 1, maxWorkerCount: 2, resourcePoolSize: 0 });
  onTestFinished(async () => void (await manager.kill()));
  manager.resize({ workerCount: 2 });
  await until(() => opened === 2, 'the second page');
  process.kill(pids[0] ?? NaN, 'SIGKILL');
  await until(() => manager.stats().idleWorkers === 2, 'both pages'); // long before `createTimeout`
  expect(pids).toHaveLength(2);
  await manager.stop();
});

test('a page that comes after `validateTimeout` is closed', async () => {
  const browsers: Browser[] = [];
  const late = new EventEmitter();
  let opened = 0;
  const openPage = async (browser: Browser): Promise<Page> => {
    const page = await browser.newPage();
    if (++opened === 3) await once(late, 'now');
    return page;
  };
  const manager = await twoTabs(browsers, { openPage }, { validateTimeout: 1_000 });
  await manager.queueTask(() => {});
  await until(() => opened === 4 && manager.stats().idleWorkers === 2, 'another page');
  expect(browsers[0]?.contexts()).toHaveLength(3);
  late.emit('now');
  await until(() => browsers[0]?.contexts().length === 2, 'the late page to be closed');
});

test('a context in which no page can be opened is closed', async () => {
  const browsers: Browser[] = [];
  const manager = await twoTabs(browsers);
  const browser = browsers[0] ?? expect.fail();
  const newContext = browser.newContext.bind(browser);
  vi.spyOn(browser, 'newContext').mockImplementationOnce(async () => {
    const context = await newContext();
    return Object.assign(context, { newPage: () => Promise.reject(new Error('no page')) });
  });
  await manager.queueTask(() => {});
  await until(() => manager.metrics().totalResourcesCreated === 3, 'another page');
  await until(() => browser.contexts().length === 2, 'the context to be closed');
});

async function twoTabs(
  browsers: Browser[],
  options: BrowserPagesOptions<Browser, Page> = {},
  config: Partial<TaskManagerConfig<BrowserTab<Page>>> = {},
): Promise<TaskManager<BrowserTab<Page>>> {
  const hooks = browserPages(async () => {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: !isRoot });
    browsers.push(browser);
    return browser;
  }, options);
  const sizes = { workerCount: 2, scaling: 'off', resourcePoolSize: 0 } as const;
  const manager = await createTaskManager({ ...hooks, ...sizes, on: { error: () => {} }, ...config });
  onTestFinished(async () => void (await manager.kill()));
  return manager;
}

const launchPuppeteer = () =>
  puppeteer.launch({ executablePath: '/usr/bin/chromium', args: isRoot ? ['--no-sandbox'] : [] });

/** A task that sets a cookie and tells all that the page then has. */
const cookie = (value: string) => async (tab: BrowserTab<PuppeteerPage>) => {
  await tab.page.goto(url);
  return tab.page.evaluate(`(() => { document.cookie = ${JSON.stringify(value)}; return document.cookie; })()`);
};

test('pages that Puppeteer opens in the context of the browser share its cookies, and are closed one by one', async () => {
  const manager = await createTaskManager({
    ...browserPages(launchPuppeteer, { openPage: (browser) => browser.newPage() }),
    ...{ workerCount: 2, scaling: 'off', resourcePoolSize: 0 },
  });
  onTestFinished(async () => void (await manager.kill()));
  await Promise.all([manager.queueTask(cookie('a=1')), manager.queueTask(cookie('b=1'))]);
  const cookies = await manager.queueTask(cookie('c=1'));
  expect(String(cookies).split('; ').toSorted()).toEqual(['a=1', 'b=1', 'c=1']); // the first two come in any order
  expect(manager.metrics().totalResourcesCreated).toBe(2);
});

test('a page is of the type that the browser has, and is opened as one likes', async () => {
  const hooks = browserPages(() => chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: !isRoot }), {
    openPage: (browser) => browser.newPage({ userAgent: 'mine' }),
  });
  const manager = await createTaskManager({ ...hooks, workerCount: 1, resourcePoolSize: 0 });
  const agent = await manager.queueTask(({ page }) => {
    expectTypeOf(page).toEqualTypeOf<Page>();
    return page.evaluate('navigator.userAgent');
  });
  expect(agent).toBe('mine');
  await manager.stop();
});

test('browserPages wants a function', () => {
  expect(() => browserPages(chromium as never)).toThrow(/launch must be a function, got \[\w+\]/);
});
