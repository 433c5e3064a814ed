import { Pool } from 'lightning-pool';
import { makeResource } from './free-list.mjs';

export const note = 'lightning-pool refuses more than 1,000 waiting calls by default; here it may have more.';

export async function open({ concurrency }) {
  const pool = new Pool(
    { create: async () => makeResource(), destroy: async () => {} },
    { min: concurrency, max: concurrency, maxQueue: 10_000_000 },
  );
  return {
    run: async (task) => {
      const resource = await pool.acquire();
      try {
        return await task(resource);
      } finally {
        pool.release(resource);
      }
    },
    close: () => pool.closeAsync(),
  };
}
