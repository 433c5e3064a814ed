import { thousands } from '../../kit/table.mjs';
import { task, timeAtOnce } from '../measure.mjs';

const TASKS = 10_000;
const MANY = 1_000_000;
/** Steps through all priorities in no order of theirs, since it has no factor in common with their number. */
const STRIDE = 617;

const caseOf = (priorities, count) => ({
  name: `${thousands(priorities)}, ${thousands(count)} tasks`,
  options: { priorities },
  priorities,
  count,
});

export default {
  place: 7,
  title: 'So many priorities, all tasks submitted at once in mixed order, 8 resources',
  unit: 'µs per task',
  notes: [
    'The floor has a queue for each priority, whose number it knows beforehand, and remembers the highest that is not empty.',
  ],
  every: 3,
  without: ['fastq', 'p-limit', 'tarn', 'lightning-pool'],
  cases: [caseOf(10, TASKS), caseOf(1_000, TASKS), caseOf(1_000, MANY)],
  measure: ({ runWithPriority }, { priorities, count }) =>
    timeAtOnce((index) => runWithPriority(task, (index * STRIDE) % priorities), count),
};
