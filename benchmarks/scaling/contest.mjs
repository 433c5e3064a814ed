// All loads and seeds, on as many threads as there are cores. The threads are the resources of a manager of tasker.

import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { createTaskManager } from 'tasker';

/** Resolves with `[{ load, runs }]`, a run for each seed as compare() gives it, in the order of the loads. */
export async function contest(loads, seeds) {
  const manager = await createTaskManager({
    onCreate: () => new Worker(new URL('thread.mjs', import.meta.url)),
    onDestroy: (thread) => thread.terminate(),
    workerCount: Math.min(availableParallelism(), loads.length * seeds.length),
    resourcePoolSize: 0,
    scaling: 'off',
  });
  const results = loads.map(async (load) => {
    const runs = seeds.map((seed) => manager.queueTask((thread) => runIn(thread, load.name, seed)));
    return { load, runs: await Promise.all(runs) };
  });
  try {
    return await Promise.all(results);
  } finally {
    await manager.kill(); // all is done, or a thread has died and would be waited for in vain
  }
}

async function runIn(thread, name, seed) {
  const answer = once(thread, 'message'); // rejects if the thread dies
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  thread.postMessage({ name, seed });
  return (await answer)[0];
}
