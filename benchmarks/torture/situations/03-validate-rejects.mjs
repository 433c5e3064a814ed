// The check of an idle resource throws, once. Is the next user served?

import { createPool } from 'generic-pool';
import { count, openTasker, useInTurn } from '../measure.mjs';

export default {
  title: 'validate rejects, once',
  contestants: {
    'generic-pool': (validate) => {
      const pool = createPool(
        { create: async () => ({}), destroy: async () => {}, validate },
        { max: 1, testOnBorrow: true },
      );
      return (task) => pool.use(task);
    },
    tasker: async (validate) => {
      const manager = await openTasker({ validate, validateAfter: 0 });
      return (task) => manager.queueTask(task);
    },
  },
  async scenario(open) {
    let validations = 0;
    const use = await open(async () => {
      validations += 1;
      if (validations === 1) throw new Error('ECONNRESET');
      return true;
    });
    const outcomes = await useInTurn(use, 3, 20);
    const served = count(outcomes, 'fulfilled');
    return {
      right: served === 3 && validations > 1,
      outcome:
        served === 3
          ? 'all 3 users served'
          : `${served} of 3 users served, ${count(outcomes, 'pending')} pend for ever`,
    };
  },
};
