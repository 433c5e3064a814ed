// A connection that is never established, once: no answer, no error. Is its place in the pool lost?

import { createPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { Pool as TarnPool } from 'tarn';
import { breaks, forever, judgeLater, openTasker, outcomeOf, useInTurn } from '../measure.mjs';

const LIMIT = 100; // of create, or where there is none, of acquire

export default {
  title: 'the resource is lost, the next create hangs, later ones are fine; room for one',
  notes: [
    'generic-pool and lightning-pool have no time limit of create; they were given one of acquire, which they have.',
  ],
  contestants: {
    'generic-pool': (create) => {
      const pool = createPool({ create, destroy: async () => {} }, { max: 1, acquireTimeoutMillis: LIMIT });
      return (task) => pool.use(task);
    },
    'lightning-pool': (create) => {
      const pool = new LightningPool({ create, destroy: async () => {} }, { max: 1, acquireTimeoutMillis: LIMIT });
      pool.start();
      return async (task) => {
        const resource = await pool.acquire();
        try {
          await task(resource);
          await pool.releaseAsync(resource);
        } catch (error) {
          await pool.destroyAsync(resource);
          throw error;
        }
      };
    },
    tarn: (create) => {
      const pool = new TarnPool({
        create,
        destroy: () => {},
        validate: (resource) => !resource.lost,
        min: 0,
        max: 1,
        createTimeoutMillis: LIMIT,
      });
      return async (task) => {
        const resource = await pool.acquire().promise;
        try {
          await task(resource);
        } catch (error) {
          resource.lost = true;
          throw error;
        } finally {
          pool.release(resource);
        }
      };
    },
    tasker: async (create) => {
      const manager = await openTasker({ onCreate: create, checkHealth: () => false, createTimeout: LIMIT });
      return (task) => manager.queueTaskOnce(task);
    },
  },
  async scenario(open) {
    let calls = 0;
    const use = await open(() => {
      calls += 1;
      return calls === 2 ? forever() : Promise.resolve({});
    });
    await outcomeOf(use(breaks), 1_000);
    return judgeLater(await useInTurn(use, 5));
  },
};
