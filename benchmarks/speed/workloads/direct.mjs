import { task, timeLoop } from '../measure.mjs';

const TASKS = 5_000;

export default {
  place: 10,
  title: '`runTask` beside a pool: clients that run their next task when they have their result, 8 free resources',
  unit: 'µs per task',
  notes: [
    'The pools acquire a resource, run the task and release it; `tasker` runs it past its queues with `runTask`.',
  ],
  contestants: ['floor', 'tasker', 'generic-pool', 'tarn', 'lightning-pool', 'effect'],
  cases: [
    { name: '1 client', clients: 1, count: TASKS },
    { name: '8 clients', clients: 8, count: TASKS },
  ],
  measure: ({ run, runDirect = run }, { clients, count }) => timeLoop(() => runDirect(task), count, clients),
};
