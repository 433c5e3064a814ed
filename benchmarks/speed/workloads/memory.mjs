import { usedHeap } from '../collector.mjs';
import { TASK_RESULT, expectSum } from '../measure.mjs';

const TASKS = 100_000;
const CONCURRENCY = 8;

const sharedTask = async () => TASK_RESULT;
const ownTask = (index) => async () => index && TASK_RESULT;

export default {
  place: 3,
  title: '100,000 waiting tasks, their promises held in an array',
  unit: 'bytes of heap per waiting task',
  notes: ['Among the bytes are those of the promise, its place in the array and, in the second column, the function.'],
  without: ['tarn'],
  cases: [
    { name: 'one function for all', taskOf: () => sharedTask, isOnce: true },
    { name: 'a function for each', taskOf: (index) => ownTask(index + 1), isOnce: true },
  ],
  most: 1, // it does not vary
  async measure({ run }, { taskOf }) {
    let openGate;
    const gate = new Promise((resolve) => {
      openGate = resolve;
    });
    // Twice as many as resources: a manager may start more workers for them.
    const running = Array.from({ length: CONCURRENCY * 2 }, () => run(() => gate));
    await settled();
    const before = await usedHeap();
    const results = Array.from({ length: TASKS });
    for (let index = 0; index < TASKS; index += 1) results[index] = run(taskOf(index));
    const after = await usedHeap();
    openGate(TASK_RESULT);
    expectSum(await Promise.all([...results, ...running]), (TASKS + running.length) * TASK_RESULT);
    return (after - before) / TASKS;
  },
};

/** Long enough for workers to be started. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 150));
