// Urgent and ordinary tasks wait for the same worker. Which start first?

import { openTasker, sleep } from '../measure.mjs';

const EACH = 100;

export default {
  title: '100 urgent tasks queued among 100 ordinary ones',
  promise: 'the priority queue goes first',
  contestants: {
    tasker: () => openTasker(),
  },
  async scenario(open) {
    const manager = await open();
    const order = [];
    const started = (kind) => async () => {
      order.push(kind);
    };
    const tasks = [manager.queueTask(() => sleep(20))];
    for (let index = 0; index < EACH; index += 1) {
      tasks.push(manager.queueTask(started('ordinary')));
      tasks.push(manager.queueTaskWithPriority(started('urgent')));
    }
    await Promise.all(tasks);
    const late = EACH - order.slice(0, EACH).filter((kind) => kind === 'urgent').length;
    return {
      right: late === 0,
      outcome: late === 0 ? 'every urgent one started first' : `${late} urgent ones were late`,
    };
  },
};
