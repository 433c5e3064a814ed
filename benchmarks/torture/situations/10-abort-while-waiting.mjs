// The caller has gone while its call waits. When is it told?

import { bulkhead } from 'cockatiel';
import { nothing, openTasker, outcomeOf, sleep } from '../measure.mjs';

export default {
  title: 'a waiting call is aborted after 10 ms, the place is busy for 300 ms',
  notes: ['cockatiel documents that the signal is checked when a call is submitted and when it is dequeued.'],
  contestants: {
    'cockatiel bulkhead': () => {
      const policy = bulkhead(1, 10);
      return (task, signal) => policy.execute(task, signal);
    },
    tasker: async () => {
      const manager = await openTasker();
      return (task, signal) => manager.queueTask(task, signal && { signal });
    },
  },
  async scenario(open) {
    const run = await open();
    const busy = run(() => sleep(300));
    const caller = new AbortController();
    setTimeout(() => caller.abort(), 10);
    const { state, ms } = await outcomeOf(run(nothing, caller.signal), 1_000);
    await busy;
    return { right: state === 'rejected' && ms < 200, outcome: `${state} after ${ms} ms` };
  },
};
