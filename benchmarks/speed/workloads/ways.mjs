import { TASK_RESULT, task, timeAtOnce, timeLoop } from '../measure.mjs';

const TASKS = 10_000;

const ERROR = new Error('the task fails');
const fail = async () => {
  throw ERROR;
};
const told = (error) => {
  if (error !== ERROR) throw error;
  return TASK_RESULT;
};

export default {
  place: 4,
  title: '`tasker` with what its users may add, 8 resources',
  unit: 'µs per task',
  notes: [
    '_runTask_ passes the queues, so there is no more of it at once than there are resources. _collector_: one that is given and ' +
      'does nothing. _listeners_: on all 18 events. _hooks_: `validate` and `onRelease`, which return at once. _failing_: every task ' +
      'throws the same error, and its caller catches.',
  ],
  contestants: [
    'floor',
    'floor failing',
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
    { name: '10,000 at once', without: ['tasker runTask'], time: (submit) => timeAtOnce(submit, TASKS), count: TASKS },
    { name: '8 clients', time: (submit) => timeLoop(submit, TASKS, 8), count: TASKS },
    { name: '64 clients', without: ['tasker runTask'], time: (submit) => timeLoop(submit, TASKS, 64), count: TASKS },
  ],
  measure: ({ run }, { time }, way) => time(way === 'failing' ? () => run(fail).catch(told) : () => run(task)),
};
