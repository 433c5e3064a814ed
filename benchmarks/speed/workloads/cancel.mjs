import { stopwatch } from '../../kit/measure.mjs';
import { thousands } from '../../kit/table.mjs';
import { TASK_RESULT, expectSum, task } from '../measure.mjs';

/** Tasks of one caller, who goes away. */
const SHARING = 10;

export default {
  place: 8,
  title: 'Tasks submitted at once of which half are aborted before they start, by `AbortSignal`s that ten tasks share',
  unit: 'µs per task',
  notes: [
    'The other half has no signal. The signals are made before the time is taken; adding their listeners and aborting them counts.',
    'The floor marks what is aborted and skips it later.',
  ],
  every: 3,
  without: ['fastq', 'async', 'p-limit', 'generic-pool', 'tarn', 'lightning-pool'],
  warmUp: 600,
  cases: [1_000, 10_000, 1_000_000].map((count) => ({ name: thousands(count), count })),
  async measure({ run, runCancelable }, { count }) {
    const controllers = Array.from({ length: count / 2 / SHARING }, () => new AbortController());
    const results = Array.from({ length: count });
    const elapsed = stopwatch();
    for (let index = 0; index < count; index += 2) {
      results[index] = run(task);
      results[index + 1] = runCancelable(task, controllers[Math.floor(index / 2 / SHARING)].signal).catch(isGone);
    }
    for (let index = controllers.length - 1; index >= 0; index -= 1) controllers[index].abort(GONE);
    const values = await Promise.all(results);
    const time = elapsed();
    expectSum(values, (count / 2) * TASK_RESULT);
    return (time / count) * 1_000;
  },
};

const GONE = new Error('the caller has gone');

function isGone(error) {
  if (error !== GONE) throw error;
  return 0;
}
