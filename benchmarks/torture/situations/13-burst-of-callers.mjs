// Far more callers at once than workers. Is every one answered?

import { createTaskManager } from 'tasker';
import { outcomeOf, thousands } from '../measure.mjs';

const CALLERS = 100_000;

export default {
  title: '100,000 callers at once',
  promise: 'every caller gets its result',
  contestants: {
    tasker: async () => {
      const manager = await createTaskManager({ onCreate: () => ({}), onDestroy: () => {}, workerCount: 4 });
      return (task) => manager.queueTask(task);
    },
  },
  async scenario(open) {
    const run = await open();
    const calls = Promise.all(Array.from({ length: CALLERS }, (_, id) => run(async () => id)));
    const { value = [], ms } = await outcomeOf(calls, 20_000);
    const answered = value.filter((answer, id) => answer === id).length;
    return { right: answered === CALLERS, outcome: `${thousands(answered)} answered in ${thousands(ms)} ms` };
  },
};
