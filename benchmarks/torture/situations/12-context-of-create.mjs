// A resource outlives the request that first needs it. In whose AsyncLocalStorage store is it made?

import { AsyncLocalStorage } from 'node:async_hooks';
import { createPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { Pool as TarnPool } from 'tarn';
import { openTasker, outcomeOf, sleep } from '../measure.mjs';

export default {
  title: 'AsyncLocalStorage in create, which a request triggers',
  contestants: {
    'generic-pool': (create) => {
      const pool = createPool({ create, destroy: async () => {} }, { max: 1 });
      return async () => {
        const resource = await pool.acquire();
        await pool.destroy(resource);
      };
    },
    tarn: (create) => {
      let last;
      const pool = new TarnPool({ create, destroy: () => {}, validate: (it) => it !== last, min: 0, max: 1 });
      return async () => {
        last = await pool.acquire().promise;
        pool.release(last);
      };
    },
    'lightning-pool': (create) => {
      const pool = new LightningPool({ create, destroy: async () => {} }, { max: 1 });
      pool.start();
      return async () => {
        const resource = await pool.acquire();
        await pool.destroyAsync(resource);
      };
    },
    tasker: async (create) => {
      const manager = await openTasker({ onCreate: create });
      return () => manager.queueTask((resource, context) => context.invalidate());
    },
  },
  async scenario(open) {
    const storage = new AsyncLocalStorage();
    const seen = [];
    const create = async () => {
      seen.push(storage.getStore());
      return {};
    };
    const useAndLose = await storage.run('the application', () => open(create));
    for (const id of [1, 2, 3]) {
      await outcomeOf(storage.run(`request ${id}`, useAndLose), 1_000);
      await sleep(20);
    }
    const foreign = seen.filter((store) => store !== 'the application');
    return {
      right: seen.length >= 3 && foreign.length === 0,
      outcome: `create sees ${foreign.length === 0 ? 'the application’s, each time' : foreign.join(', ')}`,
    };
  },
};
