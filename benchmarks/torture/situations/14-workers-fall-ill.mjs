// More workers fall ill than there are. Do they come back?

import { breaks, nothing, openTasker, outcomeOf, sleep } from '../measure.mjs';

const WORKERS = 3;

export default {
  title: '3 workers, 9 tasks that each break their worker',
  promise: 'unhealthy workers are replaced',
  contestants: {
    tasker: () => openTasker({ checkHealth: () => false, workerCount: WORKERS, maxWorkerCount: WORKERS }),
  },
  async scenario(open) {
    const manager = await open();
    await Promise.all(Array.from({ length: WORKERS * 3 }, () => outcomeOf(manager.queueTaskOnce(breaks), 5_000)));
    for (let tries = 0; tries < 100 && manager.stats().activeWorkers < WORKERS; tries += 1) await sleep(10);
    const { state } = await outcomeOf(manager.queueTask(nothing), 5_000);
    const { activeWorkers } = manager.stats();
    return {
      right: activeWorkers === WORKERS && state === 'fulfilled',
      outcome: `${activeWorkers} workers alive, the next task is ${state}`,
    };
  },
};
