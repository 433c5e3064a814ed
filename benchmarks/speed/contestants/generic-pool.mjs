import genericPool from 'generic-pool';
import { makeResource } from './free-list.mjs';

/** A full pool of `size`. */
export async function openPool(size, options) {
  const pool = genericPool.createPool(
    { create: async () => makeResource(), destroy: async () => {} },
    { min: size, max: size, ...options },
  );
  await pool.ready();
  return pool;
}

export async function closePool(pool) {
  await pool.drain();
  await pool.clear();
}

export async function open({ concurrency, priorities = 1 }) {
  const pool = await openPool(concurrency, { priorityRange: priorities });
  return {
    run: (task) => pool.use(task),
    runWithPriority: (task, priority) => pool.use(task, priorities - 1 - priority), // 0 goes first
    close: () => closePool(pool),
  };
}
