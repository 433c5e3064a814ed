// What workloads measure with. All of them check that every task was run and gave its result.

import { stopwatch, timeAtOnce as timeCalls } from '../kit/measure.mjs';

/** The task of most workloads; `TASK_RESULT` is its result. */
export const task = async () => TASK_RESULT;
export const TASK_RESULT = 1;

/** Microseconds for each of `count` tasks, all submitted at once: `submit(index)` gives the promise of a result. */
export const timeAtOnce = (submit, count) =>
  timeCalls(submit, count, (values) => expectSum(values, count * TASK_RESULT));

/** Microseconds for each of `count` tasks of `clients`, each of which submits its next when it has its result. */
export async function timeLoop(submit, count, clients) {
  let left = count;
  let sum = 0;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const value = await submit();
      sum += value;
    }
  };
  const elapsed = stopwatch();
  await Promise.all(Array.from({ length: clients }, client));
  const time = elapsed();
  expectSum([sum], count * TASK_RESULT);
  return (time / count) * 1_000;
}

export function expectSum(values, expected) {
  let sum = 0;
  for (const value of values) sum += value;
  if (sum !== expected) throw new Error(`the sum of the results must be ${expected}, got ${sum}`);
}
