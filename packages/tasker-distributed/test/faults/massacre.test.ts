import { describe, expect, test } from 'vitest';
import { SERVERS } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useCrew, useStore } from '../support/use-bench.ts';
import { massacre } from './massacre.ts';

/** The small one; `npm run faults:distributed` has one of 100,000 tasks. Needs `npm run build` first. */

const TASKS = 3_000;
const KILLS = 5;

describe.each(SERVERS)('on %s', (_store, makeStore) => {
  const store = useStore(makeStore);
  const crew = useCrew(store);

  test('3,000 tasks, and workers that die one after another: each has its result, and none that may run once runs twice', async () => {
    const report = await massacre(crew(), {
      ...{ url: store().url, seed: 1, tasks: TASKS, lock: 1_000, lockCheck: 250 },
      next: (progress) => {
        if (progress.killed === KILLS) return new Promise(() => {});
        const after = ((progress.killed + 1) * TASKS) / (KILLS + 2);
        return until(() => progress.ended >= after, 'the next to be killed');
      },
    });
    expect(report).toMatchObject({ killed: KILLS, wrong: [], ranTwiceOnce: [] });
  });
});
