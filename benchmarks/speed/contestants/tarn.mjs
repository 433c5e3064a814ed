import { Pool } from 'tarn';
import { makeResource } from './free-list.mjs';

export const mostTasks = 10_000;
export const note =
  'tarn gets no more than 10,000 tasks at once: the time of one grows with the number of those that wait.';

export async function open({ concurrency }) {
  const pool = new Pool({
    create: async () => makeResource(),
    destroy: async () => {},
    min: concurrency,
    max: concurrency,
  });
  return {
    run: async (task) => {
      const resource = await pool.acquire().promise;
      try {
        return await task(resource);
      } finally {
        pool.release(resource);
      }
    },
    close: () => pool.destroy(),
  };
}
