// All loads and seeds, on as many threads as there are cores. The threads are the resources of a manager of tasker.

import { availableParallelism } from 'node:os';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';

/** Resolves with `[{ load, runs }]`, a run for each seed as compare() gives it, in the order of the loads. */
export async function contest(loads, seeds) {
  const manager = await createTaskManager({
    ...threads(new URL('compare.mjs', import.meta.url)),
    workerCount: Math.min(availableParallelism(), loads.length * seeds.length),
    resourcePoolSize: 0,
    scaling: 'off',
  });
  const results = loads.map(async (load) => {
    const runs = seeds.map((seed) => manager.queueTask((thread) => thread.run('compare', load.name, seed)));
    return { load, runs: await Promise.all(runs) };
  });
  try {
    return await Promise.all(results);
  } finally {
    await manager.kill();
  }
}
