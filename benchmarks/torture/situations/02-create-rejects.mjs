// The database is down: every attempt to connect fails at once. How often is it tried, and is the caller told?

import { createPool } from 'generic-pool';
import { breaks, forever, nothing, openTasker, outcomeOf } from '../measure.mjs';
import { thousands } from '../../kit/table.mjs';

const WAIT = 3_000;
const GIVE_UP = 20_001; // calls after which create hangs, to let the process speak

export default {
  title: 'the resource is lost, from then on create rejects',
  notes: [
    'generic-pool calls create again without a pause; the scenario cuts it off at 20,001 calls. Its `acquireTimeoutMillis` tells the caller if create takes a turn of the event loop; otherwise the timer never gets one.',
  ],
  contestants: {
    'generic-pool': (create) => {
      const pool = createPool({ create, destroy: async () => {} }, { max: 1 });
      return (task) => pool.use(task); // destroys the resource when the task rejects
    },
    tasker: async (create) => {
      const manager = await openTasker({ onCreate: create, checkHealth: () => false });
      return (task) => manager.queueTaskOnce(task);
    },
  },
  async scenario(open) {
    let calls = 0;
    let first = 0;
    let last = 0;
    const create = async () => {
      calls += 1;
      if (calls === 1) return {};
      if (calls === 2) first = performance.now();
      last = performance.now();
      if (calls > GIVE_UP) await forever();
      throw new Error('ECONNREFUSED');
    };
    const use = await open(create);
    await outcomeOf(use(breaks), WAIT);
    const { state, ms } = await outcomeOf(use(nothing), WAIT);
    const attempts = calls - 1;
    const told =
      state === 'rejected' ? `the caller is told after ${ms} ms` : `the caller is not told within ${WAIT / 1_000} s`;
    return {
      right: attempts <= 30 && state === 'rejected',
      outcome: `${thousands(attempts)} calls in ${Math.round(last - first)} ms, ${told}`,
    };
  },
};
