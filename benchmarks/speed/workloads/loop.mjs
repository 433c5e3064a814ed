import { thousands } from '../../kit/table.mjs';
import { task, timeLoop } from '../measure.mjs';

const TASKS = 10_000;

export default {
  place: 2,
  title: 'Clients that submit their next task when they have their result, 8 resources',
  unit: 'µs per task',
  cases: [1, 64, 4_096].map((clients) => ({ name: thousands(clients), clients, count: TASKS })),
  measure: ({ run }, { clients, count }) => timeLoop(() => run(task), count, clients),
};
