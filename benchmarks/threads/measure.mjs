// What workloads measure with. All of them check every result.

import { median } from '../speed/statistics.mjs';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Microseconds for each of `count` calls, all made at once: `call(index)` gives the promise of `expected(index)`. */
export async function timeAtOnce(call, count, expected) {
  await nextTurn();
  const results = Array.from({ length: count });
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) results[index] = call(index);
  const values = await Promise.all(results);
  const elapsed = performance.now() - startedAt;
  const wrong = values.findIndex((value, index) => value !== expected(index));
  if (wrong >= 0) throw new Error(`call ${wrong} must give ${expected(wrong)}, got ${values[wrong]}`);
  return (elapsed / count) * 1_000;
}

/** The median of the microseconds that each of `count` calls takes, one after the other; `check` throws if a result is wrong. */
export async function timeOneByOne(call, count, check) {
  await nextTurn();
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    const value = await call(index);
    times.push((performance.now() - startedAt) * 1_000);
    check(value, index);
  }
  return median(times);
}
