import { createTaskManager } from 'tasker';

export { createTaskManager };

export const client = {
  onCreate: () => ({}),
  onDestroy() {},
  workerCount: 1,
};
