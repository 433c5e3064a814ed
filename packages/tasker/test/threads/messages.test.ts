import { describe, expect, it } from 'vitest';
import { ModuleThread } from '../../src/threads/module-thread.ts';
import type { ThreadInit } from '../../src/threads/protocol.ts';
import { HOSTS, LocalPort, open, source } from './support.ts';
import type { Everything } from './support.ts';

/** A thread in process, and what went over its channel since it was ready. */
async function start(): Promise<{ thread: ModuleThread; port: LocalPort }> {
  const init: ThreadInit = { module: source('everything').href, data: undefined, shared: undefined };
  const port = new LocalPort(init);
  const thread = new ModuleThread(port, init, 5_000, () => {});
  await thread.ready(undefined);
  port.sent.length = 0;
  port.received.length = 0;
  return { thread, port };
}

describe('messages', () => {
  it('of one turn travel together, and so do their answers', async () => {
    const { thread, port } = await start();
    await Promise.all(Array.from({ length: 50 }, (_, i) => thread.run('add', i, 1)));
    expect(port.sent).toHaveLength(1);
    expect(port.received.length).toBeLessThan(5); // one, if the machine is not very slow
    await thread.close(1_000);
  });

  it('with objects are posted one by one, at once, in their order among the others', async () => {
    const { thread, port } = await start();
    const log: number[] = [];
    const calls = [
      thread.run('give', 0),
      thread.run('give', 1),
      thread.run('give', { two: 2 }),
      thread.run('give', [3]),
      thread.run('give', 4),
    ].map((call, i) => call.then(() => log.push(i)));
    expect(port.sent).toHaveLength(3);
    await Promise.all(calls);
    expect(port.sent).toHaveLength(4);
    expect(log).toEqual([0, 1, 2, 3, 4]);
    await thread.close(1_000);
  });

  it('hold no result back for long while others are computed', async () => {
    const { thread, port } = await start();
    await Promise.all([1, 2, 3].map(() => thread.run('compute', 3)));
    expect(port.received.length).toBeGreaterThan(1);
    await thread.close(1_000);
  });
});

it.each(HOSTS)('calls without end leave room for the timers of the module, %s', async (host) => {
  const { thread, end } = await open<Everything>(host, 'everything');
  const over = new AbortController();
  const load = Array.from({ length: 64 }, async () => {
    while (!over.signal.aborted) await thread.run('add', 1, 2);
  });
  expect(await Promise.all(Array.from({ length: 20 }, () => thread.run('addLater', 2, 3)))).toEqual(
    Array.from({ length: 20 }, () => 5),
  );
  over.abort();
  await Promise.all(load);
  await end();
});
