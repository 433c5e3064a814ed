// The check of an idle resource never answers, once. Is its place in the pool lost?

import { createPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { count, forever, openTasker, outcomeOf, sleep } from '../measure.mjs';

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
    await outcomeOf(
      use(async () => {}),
      1_000,
    );
    const outcomes = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await sleep(20);
      outcomes.push(
        await outcomeOf(
          use(async () => {}),
          1_000,
        ),
      );
    }
    const served = count(outcomes, 'fulfilled');
    return {
      right: outcomes.at(-1).state === 'fulfilled' && validations > 1,
      outcome: served === 0 ? '0 of 5 later users served, the place is lost' : `${served} of 5 later users served`,
    };
  },
};
