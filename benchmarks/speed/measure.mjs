// What workloads measure with. All of them check that every task was run and gave its result.

/** The task of most workloads; `TASK_RESULT` is its result. */
export const task = async () => TASK_RESULT;
export const TASK_RESULT = 1;

/** Resolves in a later turn of the event loop. */
export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Microseconds for each of `count` tasks, all submitted at once: `submit(index)` gives the promise of a result. */
export async function timeAtOnce(submit, count) {
  await nextTurn();
  const results = Array.from({ length: count });
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) results[index] = submit(index);
  const values = await Promise.all(results);
  const elapsed = performance.now() - startedAt;
  expectSum(values, count * TASK_RESULT);
  return (elapsed / count) * 1_000;
}

/** Microseconds for each of `count` tasks of `clients`, each of which submits its next when it has its result. */
export async function timeLoop(submit, count, clients) {
  await nextTurn();
  let left = count;
  let sum = 0;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const value = await submit();
      sum += value;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const elapsed = performance.now() - startedAt;
  expectSum([sum], count * TASK_RESULT);
  return (elapsed / count) * 1_000;
}

export function expectSum(values, expected) {
  let sum = 0;
  for (const value of values) sum += value;
  if (sum !== expected) throw new Error(`the sum of the results must be ${expected}, got ${sum}`);
}

/** 20001 as "20,001". */
export const thousands = (number) => number.toLocaleString('en-US');
