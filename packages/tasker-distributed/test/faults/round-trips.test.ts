import { describe, expect, test, vi } from 'vitest';
import { BullEngine } from '../../src/engine/bull-engine.ts';
import { defineTasks } from '../../src/index.ts';
import { memoryStore, postgresStore, redisStore } from '../support/stores.ts';
import { useBench, useStore } from '../support/use-bench.ts';
import { commitLate } from './late-commit.ts';
import { roundTrips } from './round-trips.ts';

const IN_FLIGHT = 50;

const postgres = useStore(postgresStore);

describe.each([
  ['Redis', useStore(redisStore), 10_000],
  ['PostgreSQL', postgres, 2_000],
  ['PGlite', useStore(memoryStore), 500],
] as const)('on %s', (_store, store, count) => {
  const bench = useBench(store);

  test('of thousands of round trips at 50 in flight none is lost, and none runs or settles twice', async () => {
    const runs = new Map<number, number>();
    const tasks = defineTasks()({ echo: (_, n: number) => (runs.set(n, (runs.get(n) ?? 0) + 1), n) });
    for (let i = 0; i < 2; i++) await bench().worker(tasks, { workerCount: 10, maxWorkerCount: 10 });
    const { ended, wrong } = await roundTrips(await bench().client(tasks), count, IN_FLIGHT);
    expect({ ended, wrong }).toEqual({ ended: count, wrong: [] });
    expect(runs.size).toBe(count);
    expect(Math.max(...runs.values())).toBe(1);
  });
});

describe('on PostgreSQL', () => {
  const bench = useBench(postgres);

  test('a result whose transaction commits late, after those with later events, comes all the same', async () => {
    const tasks = defineTasks()({ echo: (_, n: number) => n });
    await bench().worker(tasks, { workerCount: 10, maxWorkerCount: 10 });
    await commitLate(postgres().url, { every: 20, seconds: 0.1 });
    const look = vi.spyOn(BullEngine.prototype, 'look');
    const { ended, wrong } = await roundTrips(await bench().client(tasks), 1_000, IN_FLIGHT);
    const looks = await Promise.all(look.mock.settledResults.map(({ value }) => value));
    look.mockRestore();
    expect({ ended, wrong }).toEqual({ ended: 1_000, wrong: [] });
    expect(looks.filter(({ state }) => state === 'ended').length).toBeGreaterThan(10); // of which no event told
  });
});
