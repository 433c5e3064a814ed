import { afterEach, describe, expect, test } from 'vitest';
import { defineTasks, isDistributedError } from '../../src/index.ts';
import { Gate } from '../support/gate.ts';
import { failing } from '../support/failing.ts';
import { Program } from '../support/program.ts';
import { SERVERS } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useBench, useStore } from '../support/use-bench.ts';

/** Stores that go away in the middle of something, and come back or do not. */

const nothing = (): void => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

describe.each(SERVERS)('on %s', (_store, makeStore) => {
  const store = useStore(makeStore);
  // Called last: vitest goes through what follows a test from the end.
  afterEach(async () => {
    await store().stop();
    await store().start();
  });
  const bench = useBench(store);

  test.each([
    ['a restart', undefined],
    ['a kill -9 of the server', 'SIGKILL'],
  ] as const)('%s under load loses nothing that the store had acknowledged, and nobody hangs', async (_how, signal) => {
    const ran = new Map<number, number>();
    const tasks = defineTasks()({
      note: (_, n: number) => {
        ran.set(n, (ran.get(n) ?? 0) + 1);
        return n;
      },
    });
    const client = await bench().client(tasks);
    await bench().worker(tasks, { workerCount: 4, maxWorkerCount: 4, lock: 2_000, lockCheck: 500, logger });
    const inputs = Array.from({ length: 400 }, (_, i) => i);
    const results = inputs.map((n) => client.queueTask('note', n));
    await until(() => ran.size >= 50, 'some to have run');
    await store().stop(signal);
    const during = client.queueTask('note', 400);
    await store().start();
    expect(await Promise.all(results)).toEqual(inputs);
    expect(await during).toBe(400);
    expect(ran.size).toBe(401);
  });

  test('one that stays away rejects whoever waits for longer than storeTimeout, and holds no kill up', async () => {
    const tasks = defineTasks()({ hang: () => new Promise<never>(() => {}) });
    const client = await bench().client(tasks, { storeTimeout: 1_000 });
    const worker = await bench().worker(tasks, { logger });
    const waiting = failing(client.queueTask('hang'));
    await until(() => worker.stats().runningTasks === 1, 'it to run');
    await store().stop();
    const submitted = failing(client.submit('hang'));
    const asked = failing(client.stats());
    for (const error of [await submitted, await asked, await waiting]) {
      expect(isDistributedError(error, 'STORE_UNREACHABLE')).toBe(true);
    }
    await worker.kill();
    await client.close();
  });

  test('one that stays away holds no process that has stopped', async () => {
    const worker = new Program('worker', [store().url, 'ends-by-itself', '1', '2000', '500', '100']);
    expect(await worker.line()).toBe('ready');
    await store().stop();
    expect(await worker.end('SIGTERM')).toBe(0);
  });

  test('one that stays away holds no stop with a timeout up, and no close with a cancellation under way', async () => {
    const gate = new Gate();
    const tasks = defineTasks()({ hold: (_, __: undefined, { signal }) => gate.pass(signal) });
    const client = await bench().client(tasks, { storeTimeout: Infinity });
    const worker = await bench().worker(tasks, { logger });
    const id = await client.submit('hold');
    await until(() => gate.held === 1, 'it to run');
    await store().stop();
    const cancelled = client.cancel(id).catch(() => {});
    await client.close();
    await worker.stop({ timeout: 100 });
    await cancelled;
  });
});
