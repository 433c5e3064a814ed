import { isTaskerError, startTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { UsageError } from '../basics/usage-error.ts';

/** Starts the manager of a module. Throws `UsageError` if its options are wrong, before anything is made. */
export function startManager(config: TaskManagerConfig<unknown>, module: string): TaskManager<unknown> {
  try {
    return startTaskManager(config);
  } catch (error) {
    if (!isTaskerError(error, 'INVALID_CONFIG')) throw error;
    throw new UsageError(`the worker of ${module}: ${error.message}`, { cause: error });
  }
}
