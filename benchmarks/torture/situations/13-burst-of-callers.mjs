// Far more callers at once than workers. Is every one answered?

import { openTasker, outcomeOf } from '../measure.mjs';
import { thousands } from '../../kit/table.mjs';

const CALLERS = 100_000;

export default {
  title: '100,000 callers at once',
  promise: 'every caller gets its result',
  contestants: {
    tasker: async () => {
      const manager = await openTasker({ workerCount: 4, maxWorkerCount: 8 });
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
