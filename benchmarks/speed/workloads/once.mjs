import { task, thousands, timeAtOnce } from '../measure.mjs';

const counts = [1_000, 10_000, 100_000, 1_000_000];

export default {
  place: 1,
  title: 'Tasks submitted at once, 8 resources',
  unit: 'µs per task',
  contestants: [
    'floor',
    'tasker',
    'tasker-noop-collector',
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
  cases: counts.map((count) => ({ name: thousands(count), count, isShortened: count === counts[0] })),
  measure: ({ run }, { count }) => timeAtOnce(() => run(task), count),
};
