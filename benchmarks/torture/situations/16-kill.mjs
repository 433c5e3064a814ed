// Killed in the middle of work that never ends. Who waits for what?

import { count, forever, openTasker, outcomeOf, sleep } from '../measure.mjs';

export default {
  title: 'killed, while 2 tasks run for ever and 100 wait',
  promise: 'kill drops what waits and doesn’t wait for what runs',
  contestants: {
    tasker: () => openTasker({ workerCount: 2, maxWorkerCount: 2 }),
  },
  async scenario(open) {
    const manager = await open();
    const waits = Array.from({ length: 102 }, () => outcomeOf(manager.queueTask(forever), 3_000));
    await sleep(20);
    const { state, ms } = await outcomeOf(manager.kill(), 3_000);
    const rejected = count(await Promise.all(waits), 'rejected');
    return {
      right: rejected === waits.length && state === 'fulfilled',
      outcome: `${rejected} of 102 callers are told, kill() ends after ${ms} ms`,
    };
  },
};
