import { nextTurn } from '../measure.mjs';
import { median } from '../statistics.mjs';

const SAMPLES = 200;

export default {
  place: 9,
  title: 'One task at a time, each submitted in a new turn of the event loop to an idle contestant, 8 resources',
  unit: 'µs, median',
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
    'effect',
    'p-queue+generic-pool',
  ],
  cases: [{ count: SAMPLES, names: ['to its start', 'to its result'] }],
  async measure({ run }, { count }) {
    const toStart = [];
    const toResult = [];
    let startedAt;
    const task = async () => {
      startedAt = performance.now();
    };
    for (let index = 0; index < count; index += 1) {
      await nextTurn();
      const submittedAt = performance.now();
      await run(task);
      toResult.push(performance.now() - submittedAt);
      toStart.push(startedAt - submittedAt);
    }
    return { 'to its start': median(toStart) * 1_000, 'to its result': median(toResult) * 1_000 };
  },
};
