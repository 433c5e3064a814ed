import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { EventReader } from '../support/events.ts';
import { asking, openDashboard, startDashboard, startManager } from '../support/dashboard.ts';

/** Not `setImmediate`, by which a test sees that there is no more. */
const FAKED: Parameters<typeof vi.useFakeTimers>[0] = { toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] };

const streamOf = async (get: (path: string) => Promise<Response>): Promise<EventReader> =>
  new EventReader((await get('/api/stream')).body);

test('a stream begins with what is known, and goes on with the state and what happened since', async () => {
  const { manager, get, token } = await startDashboard();
  await manager.queueTask(() => Promise.reject(new Error('before')), { name: 'early' }).catch(() => {});
  const stream = await streamOf(get);
  expect(await stream.next()).toMatchObject({
    event: 'hello',
    data: {
      token: await token(),
      isReadOnly: false,
      managers: { images: { notes: [{ kind: 'completed' }, { kind: 'failed' }].slice(1), history: { at: [] } } },
    },
  });
  const first = await stream.nextOf('state');
  expect(first).toMatchObject({ managers: { images: { stats: { state: 'running' }, snapshot: { queues: [] } } } });
  await manager.queueTask(() => Promise.reject(new Error('after')), { name: 'late' }).catch(() => {});
  manager.pause();
  const heard: unknown[] = [];
  while (heard.length < 2) {
    const { managers } = (await stream.nextOf('news')) as { managers: { images: { notes: unknown[] } } };
    heard.push(...managers.images.notes);
  }
  expect(heard).toMatchObject([
    { kind: 'failed', task: { name: 'late' }, error: { name: 'Error', message: 'after' } },
    { kind: 'paused' },
  ]);
  expect(await stream.nextOf('state')).toMatchObject({ managers: { images: { stats: { state: 'paused' } } } });
  await stream.cancel();
});

test('an action is seen at once', async () => {
  const { get, post } = await startDashboard();
  const stream = await streamOf(get);
  await stream.nextOf('state');
  await post('/api/managers/images/pause');
  for (;;) {
    const { managers } = (await stream.nextOf('state')) as { managers: { images: { stats: { state: string } } } };
    if (managers.images.stats.state === 'paused') break;
  }
  await stream.cancel();
});

test('many watchers cost one look', async () => {
  const { manager, get } = await startDashboard();
  const streams = await Promise.all(Array.from({ length: 10 }, () => streamOf(get)));
  for (const stream of streams) await stream.nextOf('news');
  const inspect = vi.spyOn(manager, 'inspect');
  const states = await Promise.all(
    streams.map(async (stream) => {
      await stream.nextOf('news');
      return stream.nextOf('state');
    }),
  );
  expect(inspect.mock.calls.length).toBeLessThanOrEqual(2);
  expect(new Set(states.map((state) => state['at'])).size).toBe(1);
  await Promise.all(streams.map((stream) => stream.cancel()));
});

test('one who is slow is sent nothing more than there is room for, and then all anew', async () => {
  vi.useFakeTimers(FAKED);
  try {
    const meta = 'x'.repeat(400);
    const { manager, get } = await startDashboard({}, { workerCount: 100 });
    for (let i = 0; i < 100; i++) void manager.queueTask(() => new Promise(() => {}), { meta }).catch(() => {});
    const body = (await get('/api/stream')).body;
    await vi.advanceTimersByTimeAsync(30_000);
    const reader = body?.getReader();
    let kept = 0;
    let next = reader?.read();
    for (;;) {
      const chunk = await Promise.race([next, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
      if (chunk === undefined) break; // there is no more
      kept += chunk.value?.length ?? 0;
      next = reader?.read();
    }
    expect(kept).toBeGreaterThan(200_000);
    expect(kept).toBeLessThan(600_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new TextDecoder().decode((await next)?.value)).toMatch(/^event: hello\n/);
    await reader?.cancel();
  } finally {
    vi.useRealTimers();
  }
});

test('one who takes nothing for a minute is let go', async () => {
  vi.useFakeTimers(FAKED);
  try {
    const { manager, get } = await startDashboard({}, { workerCount: 100 });
    for (let i = 0; i < 100; i++)
      void manager.queueTask(() => new Promise(() => {}), { meta: 'x'.repeat(400) }).catch(() => {});
    const response = await get('/api/stream');
    const inspect = vi.spyOn(manager, 'inspect');
    await vi.advanceTimersByTimeAsync(100_000);
    inspect.mockClear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(inspect).not.toHaveBeenCalled();
    await response.body?.cancel();
  } finally {
    vi.useRealTimers();
  }
});

test('a stream ends after 15 minutes, whatever is read of it, and who comes back is asked about anew', async () => {
  vi.useFakeTimers(FAKED);
  try {
    const authorize = vi.fn<() => boolean>().mockReturnValue(true);
    const { manager, get } = await startDashboard({ authorize });
    const stream = await streamOf(get);
    let read = 0;
    const end = (async () => {
      while ((await stream.next()) !== undefined) read++;
      return 'ended';
    })();
    const now = (): Promise<string> => Promise.race([end, new Promise<string>((go) => setImmediate(go, 'goes on'))]);
    await vi.advanceTimersByTimeAsync(15 * 60_000 - 2_000);
    expect(await now()).toBe('goes on');
    expect(read).toBeGreaterThan(2 * 890);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await now()).toBe('ended');
    const inspect = vi.spyOn(manager, 'inspect');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(inspect).not.toHaveBeenCalled();
    authorize.mockReturnValue(false);
    expect((await get('/api/stream')).status).toBe(403);
    expect(authorize).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test('while nobody watches, managers are not inspected', async () => {
  vi.useFakeTimers(FAKED);
  try {
    const { manager, get } = await startDashboard();
    const [inspect, stats] = [vi.spyOn(manager, 'inspect'), vi.spyOn(manager, 'stats')];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(inspect).not.toHaveBeenCalled();
    expect(stats.mock.calls.length).toBeLessThanOrEqual(12);
    const response = await get('/api/stream');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(inspect.mock.calls.length).toBeGreaterThan(2);
    await response.body?.cancel();
    inspect.mockClear();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(inspect).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

test('one whose request is aborted is let go, also before it has read anything', async () => {
  const { manager, dashboard } = await startDashboard();
  const abort = new AbortController();
  const request = new Request('http://localhost/api/stream', { signal: abort.signal });
  const response = await dashboard.fetch(request);
  abort.abort();
  const stream = new EventReader(response.body);
  while ((await stream.next()) !== undefined);
  const inspect = vi.spyOn(manager, 'inspect');
  await dashboard.fetch(new Request('http://localhost/api/state'));
  expect(inspect).toHaveBeenCalledTimes(1);
  expect(getEventListeners(abort.signal, 'abort').length).toBeLessThanOrEqual(1);
});

test('a dashboard that is closed ends its streams and lets go of its managers', async () => {
  const manager = await startManager();
  const listens = manager.on.bind(manager);
  const on = vi.spyOn(manager, 'on');
  const left: string[] = [];
  on.mockImplementation((event, listener) => {
    const leave = listens(event, listener);
    return () => {
      left.push(event);
      leave();
    };
  });
  const dashboard = openDashboard({ managers: { images: manager } });
  const stream = await streamOf(asking(dashboard).get);
  dashboard.close();
  dashboard.close();
  const events = [];
  for (let next = await stream.next(); next !== undefined; next = await stream.next()) events.push(next.event);
  expect(events).toEqual(['hello', 'state']);
  expect(left.length).toBe(on.mock.calls.length);
  expect(await manager.queueTask(() => 1)).toBe(1);
});
