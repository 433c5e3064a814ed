// The real manager, with its own law or with another that is a Scaler.

import { createTaskManager } from 'tasker';

/**
 * Opens a manager; `scaling` is its option of that name.
 * @param {Record<string, any>} run
 * @param {import('tasker').TaskManagerConfig<object>['scaling']} scaling
 */
export async function openManager({ load, clock, hooks }, scaling = 'auto') {
  const manager = await createTaskManager({
    ...load.config,
    onCreate: ({ invalidate }) => hooks.create(invalidate),
    onDestroy: (resource) => hooks.destroy(resource),
    resourcePoolSize: 0,
    scaling,
    clock,
  });
  return {
    submit: (run, priority) => manager.queueTask(run, priority === 0 ? undefined : { priority }),
    close: () => manager.kill(),
  };
}

export default {
  name: 'tasker',
  title: 'tasker',
  open: openManager,
};
