import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { errorOf, openDashboard, startDashboard, startManager, asking } from '../support/dashboard.ts';

/** Needs `npm run build` first, for the files of the page. */

const never = (): Promise<never> => new Promise(() => {});

test('the page and all its files come from the server, and are below 150 kB gzipped', async () => {
  const { get } = await startDashboard();
  const page = await get('/');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const html = await page.text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
  expect(addresses).toHaveLength(3);
  const files = await Promise.all(
    addresses.map(async (address) => {
      const file = await get(new URL(address, 'http://localhost/').pathname);
      expect(file.status).toBe(200);
      return file.text();
    }),
  );
  expect(gzipSync([html, ...files].join('')).length).toBeLessThan(150_000);
  expect(files.join('')).not.toMatch(/(?:https?:)?\/\/(?:cdn|unpkg|fonts)\b/);
});

test('the state has stats, metrics and a snapshot of each manager', async () => {
  const [images, mail] = [await startManager(), await startManager()];
  const { get } = asking(openDashboard({ managers: { images, 'mail / ünïcode': mail } }));
  mail.pause();
  const response = await get('/api/state');
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toMatchObject({
    managers: {
      images: { stats: images.stats(), metrics: { totalTasksArrived: 0 }, snapshot: { workers: [{ kind: 'base' }] } },
      'mail / ünïcode': { stats: { state: 'paused' }, snapshot: { state: 'paused' } },
    },
  });
});

describe('an action', () => {
  test('pauses and resumes', async () => {
    const { manager, post } = await startDashboard();
    expect((await post('/api/managers/images/pause')).status).toBe(204);
    expect(manager.stats().state).toBe('paused');
    expect((await post('/api/managers/images/resume')).status).toBe(204);
    expect(manager.stats().state).toBe('running');
  });

  test('resizes', async () => {
    const { manager, post } = await startDashboard();
    expect((await post('/api/managers/images/resize', '{"workerCount":3,"maxWorkerCount":5}')).status).toBe(204);
    expect(manager.limits()).toMatchObject({ workerCount: 3, maxWorkerCount: 5 });
  });

  test.each([
    ['{"workerCount":0}', 'workerCount must be a positive integer, got 0'],
    ['{"workers":1}', expect.stringContaining('workers')],
    ['{"workerCount":1000000000}', 'workerCount must be at most 10000 here, got 1000000000'],
    ['{"maxWorkerCount":10001}', 'maxWorkerCount must be at most 10000 here, got 10001'],
    ['null', expect.any(String)],
    ['[]', 'the body must be JSON, such as { "workerCount": 4 }'],
    ['{', 'the body must be JSON, such as { "workerCount": 4 }'],
    ['', 'the body must be JSON, such as { "workerCount": 4 }'],
    [`"${'x'.repeat(20_000)}"`, 'the body must be shorter than 10000 characters'],
  ])('answers a resize by %.30s with 400, and changes nothing', async (body, message) => {
    const { manager, post } = await startDashboard();
    const before = manager.limits();
    const response = await post('/api/managers/images/resize', body);
    expect([response.status, await errorOf(response)]).toEqual([400, message]);
    expect(manager.limits()).toEqual(before);
  });

  test('leaves sizes alone that the program has made larger than the page may', async () => {
    const { manager, post } = await startDashboard();
    manager.resize({ maxWorkerCount: 20_000 });
    expect((await post('/api/managers/images/resize', '{"workerCount":2,"maxWorkerCount":20000}')).status).toBe(204);
  });

  test('recycles', async () => {
    const { manager, post } = await startDashboard();
    const [before] = manager.inspect().workers;
    const gone = new Promise((resolve) => manager.on('resourceDestroyed', resolve));
    expect((await post('/api/managers/images/recycle')).status).toBe(204);
    expect(await gone).toMatchObject({ reason: 'recycled' });
    expect(manager.inspect().workers.map(({ id }) => id)).not.toContain(before?.id);
  });

  test('stops, and does not wait for it', async () => {
    const { manager, post } = await startDashboard();
    const gate = new EventTarget();
    const task = manager.queueTask(() => once(gate, 'open'));
    expect((await post('/api/managers/images/stop')).status).toBe(204);
    expect(manager.stats().state).toBe('stopping');
    gate.dispatchEvent(new Event('open'));
    await task;
    await manager.stop();
    expect((await post('/api/managers/images/stop')).status).toBe(204);
    for (const action of ['pause', 'resume', 'recycle']) {
      const response = await post(`/api/managers/images/${action}`);
      expect([action, response.status, await errorOf(response)]).toEqual([action, 409, 'the manager is stopped']);
    }
    expect((await post('/api/managers/images/resize', '{"workerCount":3}')).status).toBe(409);
  });

  test('cancels a task that runs and one that waits', async () => {
    const { manager, post } = await startDashboard();
    const tasks = [manager.submit(never), manager.submit(never)];
    const outcomes = Promise.allSettled(tasks.map(({ result }) => result));
    await new Promise((resolve) => manager.on('started', resolve));
    for (const { id } of tasks) expect((await post(`/api/managers/images/tasks/${id}/cancel`)).status).toBe(204);
    expect(await outcomes).toMatchObject(
      tasks.map(() => ({ reason: { name: 'AbortError', message: 'cancelled on the dashboard' } })),
    );
    const again = await post(`/api/managers/images/tasks/${tasks[0]?.id}/cancel`);
    expect([again.status, await errorOf(again)]).toEqual([404, 'no such task is waiting or running']);
  });
});

test('tasks are found by a part of their name and by id', async () => {
  const { manager, get } = await startDashboard();
  manager.pause();
  for (const name of ['résumé 1%', 'other']) void manager.queueTask(() => 1, { name }).catch(() => {});
  const namesOf = async (text: string): Promise<unknown> => {
    const { tasks } = (await (await get(`/api/managers/images/tasks?text=${encodeURIComponent(text)}`)).json()) as {
      tasks: { name?: string }[];
    };
    return tasks.map(({ name }) => name);
  };
  expect([await namesOf('RÉSUMÉ 1%'), await namesOf('2'), await namesOf('')]).toEqual([
    ['résumé 1%'],
    ['other'],
    ['résumé 1%', 'other'],
  ]);
});

describe('what is not there', () => {
  test.each([
    ['GET', '/nothing', 404],
    ['GET', '/assets/nothing.js', 404],
    ['GET', '/assets/__proto__', 404],
    ['GET', '/assets/..%2fpage.js', 404],
    ['GET', '/api/managers/other/tasks', 404],
    ['POST', '/api/managers/other/pause', 404],
    ['POST', '/api/managers/__proto__/pause', 404],
    ['POST', '/api/managers/%ff/pause', 404],
    ['POST', '/api/managers/images/explode', 404],
    ['POST', '/api/managers/images/constructor', 404],
    ['POST', '/api/managers/images/tasks/1/cancel', 404],
    ['POST', '/', 405],
    ['POST', '/api/state', 405],
    ['GET', '/api/managers/images/pause', 405],
    ['DELETE', '/api/managers/images/pause', 405],
    ['OPTIONS', '/api/managers/images/pause', 405],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const { dashboard, token } = await startDashboard();
    const headers = { 'x-tasker-token': await token() };
    const response = await dashboard.fetch(new Request(`http://localhost:4000${path}`, { method, headers }));
    expect([response.status, typeof (await errorOf(response))]).toEqual([status, 'string']);
    if (status === 405) expect(response.headers.get('allow')).toMatch(/^(?:GET, HEAD|POST)$/);
  });
});

test('a dashboard answers below its path, and without it, as some routers cut it off', async () => {
  const { get } = await startDashboard({ basePath: '/ops/tasker/' });
  for (const path of ['/ops/tasker', '/ops/tasker/', '/', '//']) {
    const html = await (await get(path)).text();
    expect(html).toContain('src="/ops/tasker/assets/page.js?');
  }
  expect((await get('/ops/tasker/api/state')).status).toBe(200);
  expect((await get('/ops/taskers')).status).toBe(404);
});

test('every response has the headers of a page that nobody may put into another one', async () => {
  const { get, post, dashboard } = await startDashboard();
  const responses = [
    await get('/'),
    await get('/assets/page.js'),
    await get('/api/state'),
    await get('/nothing'),
    await post('/'),
    await post('/api/managers/images/pause'),
    await post('/api/managers/images/pause', '', { 'x-tasker-token': 'wrong' }),
    await get('/', { host: 'evil.example' }),
  ];
  const stream = await get('/api/stream');
  await stream.body?.cancel();
  dashboard.close();
  const closed = await get('/');
  expect(closed.status).toBe(503);
  for (const { headers } of [...responses, stream, closed]) {
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toMatch(/^(?:no-store|private, .*immutable)$/);
    expect(headers.has('access-control-allow-origin')).toBe(false);
  }
});
