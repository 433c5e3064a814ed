import type { TaskManager } from 'tasker';

/** What is done to the worker where it is asked of its manager. */
export type WorkersOwn<R> = Pick<TaskManager<R>, 'pause' | 'resume' | 'drain' | 'resize' | 'stop' | 'kill'> &
  Partial<Pick<TaskManager<R>, Extract<keyof TaskManager<R>, symbol>>>;

/**
 * The manager of a worker, as others may have it: pages and metrics that show managers, and code that runs functions on the resources of this
 * process. Whatever takes tasks or ends them goes through the worker, which has those of the queue to think of.
 */
export function sharedManager<R>(manager: TaskManager<R>, own: WorkersOwn<R>): TaskManager<R> {
  return new Proxy(manager, {
    get(target, key): unknown {
      if (Object.hasOwn(own, key)) return own[key as keyof WorkersOwn<R>];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
