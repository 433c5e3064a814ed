import { task, thousands, timeAtOnce } from '../measure.mjs';

const TASKS = 10_000;
const MANY = 1_000_000;
/** Steps through all priorities in no order of theirs, since it has no factor in common with their number. */
const STRIDE = 617;

const caseOf = (priorities, count, options) => ({
  name: `${thousands(priorities)}, ${thousands(count)} tasks`,
  options: { priorities },
  priorities,
  count,
  ...options,
});

export default {
  place: 4,
  title: 'So many priorities, all tasks submitted at once in mixed order, 8 resources',
  unit: 'µs per task',
  notes: [
    'The floor has a queue for each priority, whose number it knows beforehand, and remembers the highest that is not empty.',
    'bottleneck has no more than ten priorities.',
  ],
  contestants: ['floor', 'tasker', 'async', 'p-queue', 'generic-pool', 'bottleneck'],
  cases: [
    caseOf(10, TASKS, { isShortened: true }),
    caseOf(1_000, TASKS, { without: ['bottleneck'] }),
    caseOf(1_000, MANY, { only: ['floor', 'tasker'] }),
  ],
  measure: ({ runWithPriority }, { priorities, count }) =>
    timeAtOnce((index) => runWithPriority(task, (index * STRIDE) % priorities), count),
};
