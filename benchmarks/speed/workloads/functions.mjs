import { nextTurn } from '../../kit/measure.mjs';
import { TASK_RESULT, timeAtOnce } from '../measure.mjs';

const TASKS = 2_000;

const settled = Promise.resolve();

const functions = {
  'returns at once': () => TASK_RESULT,
  async: async () => TASK_RESULT,
  'async, 1 await': async () => {
    await settled;
    return TASK_RESULT;
  },
  'async, 3 awaits': async () => {
    await settled;
    await settled;
    await settled;
    return TASK_RESULT;
  },
  'async, a turn of the event loop': async () => {
    await nextTurn();
    return TASK_RESULT;
  },
};

export default {
  place: 9,
  title: '2,000 tasks submitted at once, of such functions, 8 resources',
  unit: 'µs per task',
  every: 3,
  without: ['async', 'generic-pool', 'tarn', 'lightning-pool'],
  cases: Object.entries(functions).map(([name, task]) => ({ name, task, count: TASKS })),
  measure: ({ run }, { task, count }) => timeAtOnce(() => run(task), count),
};
