// What people glue together by hand for what tasker does: a queue with priorities before a pool.

import PQueue from 'p-queue';
import { closePool, openPool } from './generic-pool.mjs';

export const packages = ['p-queue', 'generic-pool'];

export async function open({ concurrency }) {
  const pool = await openPool(concurrency);
  const queue = new PQueue({ concurrency });
  return {
    run: (task) => queue.add(() => pool.use(task)),
    runWithPriority: (task, priority) => queue.add(() => pool.use(task), { priority }),
    runCancelable: (task, signal) => queue.add(() => pool.use(task), { signal }),
    close: () => closePool(pool),
  };
}
