import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { TaskClient } from '../../src/index.ts';
import { Bench } from '../support/bench.ts';
import { SERVERS } from '../support/stores.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { useStore } from '../support/use-bench.ts';

/** A network that is cut under load, between the store and everybody else. */

/** Less patient than in earnest. */
vi.mock('../../src/store/timeouts.ts', async (original) => ({
  ...(await original<object>()),
  ANSWER_TIMEOUT: 2_000,
}));

const nothing = (): void => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const COUNT = 400;
const inputs = Array.from({ length: COUNT }, (_, i) => i);

describe.each(SERVERS)('on %s', (_store, makeStore) => {
  const store = useStore(makeStore);
  let network: TcpProxy;
  let bench: Bench;
  let ran: Set<number>;
  const tasks = defineTasks()({ note: (_, n: number) => (ran.add(n), n) });
  let client: TaskClient<{ note(resource: undefined, n: number): number }>;

  beforeEach(async () => {
    ran = new Set();
    network = await TcpProxy.before(store().url);
    bench = new Bench(network.url);
    client = await bench.client(tasks);
    await bench.worker(tasks, { workerCount: 4, maxWorkerCount: 4, lock: 2_000, lockCheck: 500, logger });
  });
  afterEach(async () => {
    await bench.close();
    await network.close();
  });

  test('connections that are reset again and again lose nothing, and nobody hangs', async () => {
    const results = inputs.map((n) => client.queueTask('note', n));
    for (const some of [50, 150, 250]) {
      await until(() => ran.size >= some, `${some} to have run`);
      network.reset();
    }
    expect(await Promise.all(results)).toEqual(inputs);
    expect(ran.size).toBe(COUNT);
  });

  test('connections that fall silent and never speak again are noticed and replaced, and nothing is lost', async () => {
    const results = inputs.map((n) => client.queueTask('note', n));
    await until(() => ran.size >= 50, 'some to have run');
    network.silence();
    const during = client.submit('note', COUNT);
    network.mend();
    expect(await Promise.all(results)).toEqual(inputs);
    expect(await client.result(await during)).toBe(COUNT);
    expect(ran.size).toBe(COUNT + 1);
  });
});
