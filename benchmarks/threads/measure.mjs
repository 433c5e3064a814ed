// What workloads measure with. All of them check every result.

import { timeAtOnce as timeCalls } from '../kit/measure.mjs';
import { median } from '../kit/statistics.mjs';

/** Microseconds for each of `count` calls, all made at once: `call(index)` gives the promise of `expected(index)`. */
export const timeAtOnce = (call, count, expected) =>
  timeCalls(call, count, (values) => {
    const wrong = values.findIndex((value, index) => value !== expected(index));
    if (wrong >= 0) throw new Error(`call ${wrong} must give ${expected(wrong)}, got ${values[wrong]}`);
  });

/** The median of the microseconds that each of `count` calls takes, one after the other; `check` throws if a result is wrong. */
export async function timeOneByOne(call, count, check) {
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    const value = await call(index);
    times.push((performance.now() - startedAt) * 1_000);
    check(value, index);
  }
  return median(times);
}
