// Somebody forgot to give a resource back. Does closing the pool end?

import { createPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { Pool as TarnPool } from 'tarn';
import { openTasker, outcomeOf } from '../measure.mjs';

const GRACE = 200;
const WAIT = 5_000;

export default {
  title: 'closing, while one resource is never released',
  notes: [
    'generic-pool and tarn have no time limit of closing. Without its `timeout`, `stop()` of `tasker` waits for leases as well.',
  ],
  contestants: {
    'generic-pool drain(), clear()': (create) => {
      const pool = createPool({ create, destroy: async () => {} }, { max: 2 });
      return { take: () => pool.acquire(), close: () => pool.drain().then(() => pool.clear()) };
    },
    'tarn destroy()': (create) => {
      const pool = new TarnPool({ create, destroy: () => {}, min: 0, max: 2 });
      return { take: () => pool.acquire().promise, close: () => pool.destroy() };
    },
    'lightning-pool close(200)': (create) => {
      const pool = new LightningPool({ create, destroy: async () => {} }, { max: 2 });
      pool.start();
      return { take: () => pool.acquire(), close: () => pool.close(GRACE) };
    },
    tasker: async (create) => {
      const manager = await openTasker({ onCreate: create, workerCount: 2, maxWorkerCount: 2 });
      return { take: () => manager.lease(), close: () => manager.stop({ timeout: GRACE }) };
    },
  },
  async scenario(open) {
    const { take, close } = await open(async () => ({}));
    await take();
    const { state, ms } = await outcomeOf(close(), WAIT);
    return {
      right: state === 'fulfilled',
      outcome: state === 'pending' ? `pends for ever (${WAIT / 1_000} s)` : `${state} after ${ms} ms`,
    };
  },
};
