// The check of an idle resource never answers, once. Is its place in the pool lost?

import { createPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { forever, judgeLater, nothing, openTasker, outcomeOf, useInTurn } from '../measure.mjs';

const LIMIT = 100; // of validate, or where there is none, of acquire

export default {
  title: 'validate hangs, once; room for one',
  notes: ['generic-pool and lightning-pool have no time limit of validate either.'],
  contestants: {
    'generic-pool': (validate) => {
      const pool = createPool(
        { create: async () => ({}), destroy: async () => {}, validate },
        { max: 1, testOnBorrow: true, acquireTimeoutMillis: LIMIT },
      );
      return (task) => pool.use(task);
    },
    'lightning-pool': (validate) => {
      const pool = new LightningPool(
        { create: async () => ({}), destroy: async () => {}, validate },
        { max: 1, validation: true, acquireTimeoutMillis: LIMIT },
      );
      pool.start();
      return async (task) => {
        const resource = await pool.acquire();
        await task(resource);
        await pool.releaseAsync(resource);
      };
    },
    tasker: async (validate) => {
      const manager = await openTasker({ validate, validateAfter: 0, validateTimeout: LIMIT });
      return (task) => manager.queueTask(task);
    },
  },
  async scenario(open) {
    let validations = 0;
    const use = await open(() => {
      validations += 1;
      return validations === 1 ? forever() : Promise.resolve(true);
    });
    await outcomeOf(use(nothing), 1_000);
    const { right, outcome } = judgeLater(await useInTurn(use, 5, 20));
    return { right: right && validations > 1, outcome };
  },
};
