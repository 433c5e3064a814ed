// What workloads measure with.

/**
 * Resolves in a later turn of the event loop.
 * @returns {Promise<void>}
 */
export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Starts to take the time; what it returns gives the milliseconds since then, less those in which other processes had the
 * core: no more than the processor time of all threads. On an idle machine it is the time that has passed.
 */
export function stopwatch() {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const elapsed = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(elapsed, (user + system) / 1_000);
  };
}

/**
 * Microseconds for each of `count` calls, all made at once; `check` throws unless all results are right.
 * @template T
 * @param {(index: number) => Promise<T>} call
 * @param {number} count
 * @param {(results: T[]) => void} check
 */
export async function timeAtOnce(call, count, check) {
  /** @type {Promise<T>[]} */
  const promises = Array.from({ length: count });
  const elapsed = stopwatch();
  for (let index = 0; index < count; index += 1) promises[index] = call(index);
  const results = await Promise.all(promises);
  const time = elapsed();
  check(results);
  return (time / count) * 1_000;
}
