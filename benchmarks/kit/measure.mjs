// What workloads measure with.

/**
 * Resolves in a later turn of the event loop.
 * @returns {Promise<void>}
 */
export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

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
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) promises[index] = call(index);
  const results = await Promise.all(promises);
  const elapsed = performance.now() - startedAt;
  check(results);
  return (elapsed / count) * 1_000;
}
