import { task, timeAtOnce, timeLoop } from '../measure.mjs';

const TASKS = 10_000;

export default {
  place: 4,
  title: '`tasker` with what its users may add, 8 resources',
  unit: 'µs per task',
  notes: [
    '`runTask` passes the queues, so there is no more of it at once than there are resources: 8 clients.',
    '_collector_: one that is given, and does nothing. _listeners_: on all 18 events. _hooks_: `validate` and `onRelease`, which return ' +
      'at once. _failing_: every task throws, and its caller catches.',
  ],
  contestants: [
    'tasker',
    'tasker runTask',
    'tasker collector',
    'tasker listeners',
    'tasker hooks',
    'tasker failing',
    'tasker scaling off',
    'tasker async context off',
  ],
  cases: [
    {
      name: '10,000 at once',
      without: ['tasker runTask'],
      measure: (run) => timeAtOnce(() => run(task), TASKS),
      count: TASKS,
    },
    { name: '8 clients', measure: (run) => timeLoop(() => run(task), TASKS, 8), count: TASKS },
    {
      name: '64 clients',
      without: ['tasker runTask'],
      measure: (run) => timeLoop(() => run(task), TASKS, 64),
      count: TASKS,
    },
  ],
  measure: ({ run }, { measure }) => measure(run),
};
