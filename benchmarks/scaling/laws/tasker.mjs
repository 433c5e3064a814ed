// The real manager, with its own law or with another that is a Scaler.

import { createTaskManager } from 'tasker';

/**
 * Opens a manager; the options are `scaling` and what else differs from the defaults.
 * @param {Record<string, any>} run
 * @param {Record<string, unknown>} options
 */
export async function openManager({ load, clock, hooks }, options = {}) {
  const manager = await createTaskManager({
    ...load.config,
    onCreate: ({ invalidate }) => hooks.create(invalidate),
    onDestroy: (resource) => hooks.destroy(resource),
    resourcePoolSize: 0,
    clock,
    ...options,
  });
  return {
    submit: (run, priority) => manager.queueTask(run, priority === 0 ? undefined : { priority }),
    close: () => manager.kill(),
  };
}

export default {
  name: 'tasker',
  title: 'tasker',
  open: (run) => openManager(run),
};
