import { thousands } from '../../kit/table.mjs';
import { task, timeAtOnce } from '../measure.mjs';

export default {
  place: 1,
  title: 'Tasks submitted at once, 8 resources',
  unit: 'µs per task',
  notes: ['A million tasks are tried every third round, and only with the floor, tasker and fastq.'],
  cases: [1_000, 10_000, 100_000, 1_000_000].map((count) => ({ name: thousands(count), count })),
  measure: ({ run }, { count }) => timeAtOnce(() => run(task), count),
};
