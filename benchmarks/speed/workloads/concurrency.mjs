import { thousands } from '../../kit/table.mjs';
import { task, timeAtOnce } from '../measure.mjs';

const TASKS = 2_000;

export default {
  place: 6,
  title: `${thousands(TASKS)} tasks submitted at once, on so many resources`,
  unit: 'µs per task',
  every: 3,
  cases: [1, 8, 64, 512].map((concurrency) => ({
    name: String(concurrency),
    options: { concurrency },
    count: TASKS,
  })),
  measure: ({ run }, { count }) => timeAtOnce(() => run(task), count),
};
