import { task, thousands, timeAtOnce } from '../measure.mjs';

const TASKS = 2_000;

export default {
  place: 3,
  title: `${thousands(TASKS)} tasks submitted at once, on so many resources`,
  unit: 'µs per task',
  contestants: [
    'floor',
    'tasker',
    'fastq',
    'async',
    'p-limit',
    'p-queue',
    'generic-pool',
    'tarn',
    'lightning-pool',
    'bottleneck',
    'effect',
    'p-queue+generic-pool',
  ],
  cases: [1, 8, 64, 512].map((concurrency) => ({
    name: String(concurrency),
    options: { concurrency },
    count: TASKS,
    isShortened: true,
  })),
  measure: ({ run }, { count }) => timeAtOnce(() => run(task), count),
};
