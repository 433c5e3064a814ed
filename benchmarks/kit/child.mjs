// The side of a child process that `runChild` has started.

/** What it was given. */
export const argument = JSON.parse(process.argv[2] ?? 'null');

/**
 * Gives the result to the parent, and ends the process, whatever is still open.
 * @param {unknown} value
 */
export function report(value) {
  process.send?.(value, () => process.exit());
}

/**
 * Runs `run` at least `times` times and until `duration` has passed, but no longer than `limit` to reach that number.
 * @template T
 * @param {() => Promise<T>} run
 * @param {{ duration?: number, times?: number, limit?: number }} until
 * @returns {Promise<T[]>}
 */
export async function repeat(run, { duration = 0, times = 1, limit = Infinity }) {
  const results = [];
  const startedAt = performance.now();
  let elapsed = 0;
  do {
    results.push(await run());
    elapsed = performance.now() - startedAt;
  } while (elapsed < limit && (elapsed < duration || results.length < times));
  return results;
}
