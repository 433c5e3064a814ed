// With everything on that is on by default: metrics, scaling to twice the workers, async context; and health checks.

import { makeResource } from './free-list.mjs';

// The main process passes a copy of the core, so that a build in the meantime changes nothing.
const { createTaskManager } = await import(process.env.TASKER_CORE ?? 'tasker');

export const mostTasks = Infinity;

/** How many tasks may run at once; as a default, twice `workerCount`. */
export const mostRunning = (concurrency) => concurrency * 2;

export const open = ({ concurrency }) => openTasker({ workerCount: concurrency });

export async function openTasker(config) {
  const manager = await createTaskManager({
    onCreate: makeResource,
    onDestroy: () => {},
    checkHealth: (error) => error?.code !== 'ECONNRESET',
    ...config,
  });
  return {
    run: (task) => manager.queueTask(task),
    runWithPriority: (task, priority) => manager.queueTask(task, { priority }),
    runCancelable: (task, signal) => manager.queueTask(task, { signal }),
    runDirect: (task) => manager.runTask(task),
    close: () => manager.stop(),
  };
}
