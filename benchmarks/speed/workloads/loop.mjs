import { task, thousands, timeLoop } from '../measure.mjs';

const TASKS = 10_000;

export default {
  place: 2,
  title: 'Clients that submit their next task when they have their result, 8 resources',
  unit: 'µs per task',
  contestants: [
    'floor',
    'tasker',
    'tasker-noop-collector',
    'tasker-scaling-off',
    'tasker-no-context',
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
  cases: [1, 64, 4_096].map((clients) => ({ name: thousands(clients), clients, count: TASKS, isShortened: true })),
  measure: ({ run }, { clients, count }) => timeLoop(() => run(task), count, clients),
};
