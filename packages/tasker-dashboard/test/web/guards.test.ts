import { describe, expect, test, vi } from 'vitest';
import { asking, errorOf, openDashboard, startDashboard, startManager } from '../support/dashboard.ts';

describe('an action is refused', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['without the token', { 'x-tasker-token': undefined }],
    ['with another token', { 'x-tasker-token': 'guessed' }],
    ['of another site', { origin: 'https://evil.example' }],
    ['of another port', { origin: 'http://localhost:4001' }],
    ['of no site that has a name', { origin: 'null' }],
    ['of a site that is no address', { origin: 'http://' }],
    ['that a browser calls cross-site', { origin: undefined, 'sec-fetch-site': 'cross-site' }],
    ['that a browser calls same-site', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    ['by another name of this machine', { host: 'rebound.example', origin: 'http://rebound.example' }],
  ])('%s', async (_, headers) => {
    const { manager, post } = await startDashboard();
    const response = await post('/api/managers/images/pause', undefined, headers);
    expect([response.status, manager.stats().state]).toEqual([403, 'running']);
    expect(typeof (await errorOf(response))).toBe('string');
  });

  test('if the dashboard is read-only', async () => {
    const { manager, post, get } = await startDashboard({ readOnly: true });
    const handle = manager.submit(() => new Promise(() => {}));
    handle.result.catch(() => {});
    for (const path of ['pause', 'stop', `tasks/${handle.id}/cancel`]) {
      const response = await post(`/api/managers/images/${path}`);
      expect([response.status, await errorOf(response)]).toEqual([403, 'this dashboard is read-only']);
    }
    expect([manager.stats().state, (await get('/api/state')).status]).toEqual(['running', 200]);
  });
});

test('a browser that says same-origin, and a program that says nothing, may act', async () => {
  const { post } = await startDashboard();
  const path = '/api/managers/images/pause';
  expect((await post(path, undefined, { 'sec-fetch-site': 'same-origin' })).status).toBe(204);
  expect((await post(path, undefined, { origin: undefined })).status).toBe(204);
  expect((await post(path, undefined, { host: 'localhost', origin: 'https://localhost' })).status).toBe(204);
});

test('another site gets no state and no stream, but may link to the page', async () => {
  const { get } = await startDashboard();
  const headers = { 'sec-fetch-site': 'cross-site' };
  for (const path of ['/api/state', '/api/stream', '/api/managers/images/tasks']) {
    expect((await get(path, headers)).status).toBe(403);
  }
  expect((await get('/', headers)).status).toBe(200);
});

describe('without authorize, the page is there', () => {
  test.each(['localhost', 'localhost:4000', '127.0.0.1:80', '[::1]:4000', 'app.localhost', '127.8.9.1'])(
    'for %s',
    async (host) => {
      const { get } = await startDashboard();
      expect((await get('/', { host })).status).toBe(200);
    },
  );

  test.each(['evil.example', '192.168.0.7', 'localhost.evil.example', '127.0.0.1.evil.example', 'localhost@evil', ''])(
    'not for "%s"',
    async (host) => {
      const { get } = await startDashboard();
      for (const path of ['/', '/api/state', '/api/stream']) {
        const response = await get(path, { host });
        expect([response.status, await errorOf(response)]).toEqual([403, expect.stringContaining('loopback')]);
      }
    },
  );
});

test('a request without a Host header, as HTTP/2 has them, is judged by the name in its URL', async () => {
  const manager = await startManager();
  const dashboard = openDashboard({ managers: { images: manager } });
  for (const [origin, status] of [
    ['http://rebound.example:4000', 403],
    ['http://localhost:4000', 200],
  ] as const) {
    const { get } = asking(dashboard, origin);
    for (const path of ['/', '/api/state']) expect((await get(path)).status).toBe(status);
  }
});

describe('authorize', () => {
  test('is asked for every request, by whatever name the server is reached', async () => {
    const asked: string[] = [];
    const manager = await startManager();
    const authorize = ({ url, headers }: Request): boolean => {
      asked.push(new URL(url).pathname);
      return headers.get('cookie') === 'session=1';
    };
    const { get } = asking(openDashboard({ managers: { images: manager }, authorize }), 'https://ops.example');
    const headers = { host: 'ops.example', cookie: 'session=1' };
    expect((await get('/', headers)).status).toBe(200);
    for (const path of ['/', '/assets/page.js', '/api/state', '/api/stream', '/nothing']) {
      const response = await get(path, { host: 'ops.example' });
      expect([response.status, await errorOf(response)]).toEqual([403, 'authorize refused this request']);
    }
    expect(asked).toEqual(['/', '/', '/assets/page.js', '/api/state', '/api/stream', '/nothing']);
  });

  test.each<[string, () => unknown]>([
    ['a promise of false', () => Promise.resolve(false)],
    ['what is only like true', () => 1],
    ['nothing', () => undefined],
    [
      'an error',
      () => {
        throw new Error('the session store is down');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('the session store is down'))],
  ])('that gives %s refuses', async (_, authorize) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { get } = await startDashboard({ authorize: authorize as () => boolean });
    const response = await get('/');
    expect([response.status, await response.text()]).toEqual([403, '{"error":"authorize refused this request"}']);
    logged.mockRestore();
  });

  test('allows no action to another site', async () => {
    const { manager, post } = await startDashboard({ authorize: () => true });
    const headers = { host: 'ops.example', origin: 'https://evil.example' };
    expect((await post('/api/managers/images/pause', undefined, headers)).status).toBe(403);
    expect(manager.stats().state).toBe('running');
  });
});

test('each dashboard has a token of its own', async () => {
  const [a, b] = [await startDashboard(), await startDashboard()];
  const token = await a.token();
  expect(token.length).toBeGreaterThan(30);
  expect(await a.token()).toBe(token);
  expect(await b.token()).not.toBe(token);
});
