import { AsyncLocalStorage } from 'node:async_hooks';
import { TASK_RESULT, timeAtOnce, timeLoop } from '../measure.mjs';

const TASKS = 5_000;
const CLIENTS = 64;
const storage = new AsyncLocalStorage();
let seen = 0;
const task = async () => {
  seen += storage.getStore().id;
  return TASK_RESULT;
};

let lastId = 0;
const submit = (run) => storage.run({ id: (lastId += 1) }, run, task);

export default {
  place: 10,
  title: 'With `AsyncLocalStorage`: each task submitted in a context of its own, 8 resources',
  unit: 'µs per task',
  notes: [
    'Tasks get the context of whoever submitted them in tasker, p-queue and p-limit; in the others that of somebody else.',
  ],
  every: 3,
  without: ['async', 'generic-pool', 'tarn', 'lightning-pool'],
  cases: [
    { name: '5,000 at once', isAtOnce: true, count: TASKS },
    { name: '64 clients', isAtOnce: false, count: TASKS },
  ],
  measure: ({ run }, { isAtOnce, count }) =>
    isAtOnce ? timeAtOnce(() => submit(run), count) : timeLoop(() => submit(run), count, CLIENTS),
};
