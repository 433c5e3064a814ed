import type { PlainTaskManagerConfig, TaskContext, TaskManagerConfig } from 'tasker';

/** What a worker is told about the run of one item, beside what the core tells a task. */
export interface WorkerContext extends TaskContext {
  /** The place of the item in the input, from 0. */
  readonly index: number;
  /** Writes a line to standard error; the results on standard output stay clean. */
  readonly log: (message: unknown) => void;
}

/** A worker with a resource: `onCreate` makes it, once for each worker, and `run` is called with it for each item. */
export interface ResourceWorker<R, Item, Result> extends Omit<TaskManagerConfig<R>, 'workerCount'> {
  /** Default 1. */
  workerCount?: number | undefined;
  run(item: Item, resource: R, context: WorkerContext): Result | PromiseLike<Result>;
}

/** A worker without a resource. */
export interface PlainWorker<Item, Result> extends Omit<PlainTaskManagerConfig, 'workerCount'> {
  /** Default 1. */
  workerCount?: number | undefined;
  run(item: Item, resource: undefined, context: WorkerContext): Result | PromiseLike<Result>;
}

/** What `defineTasks` of `tasker-distributed` makes. */
interface Tasks<R> {
  readonly names: readonly string[];
  task(name: string): { run(resource: R, input: never, context: never): unknown };
}

/** Options of workers that share a queue, as `createWorker` of `tasker-distributed` has them. Durations are milliseconds. */
interface SharedQueue {
  /** Default 1. */
  workerCount?: number | undefined;
  /** Starts of all workers together, which must agree. */
  queueRate?: { limit: number; interval: number } | undefined;
  /** How long a worker is silent before it is taken for dead. Default 15,000. */
  lock?: number | undefined;
  /** How often workers look for tasks of dead ones. Default 5,000. */
  lockCheck?: number | undefined;
}

/** Workers of the tasks of a definition, for `tasker worker`: with a resource, which each task is given, or without. */
export interface TasksWorker<R> extends Omit<TaskManagerConfig<R>, 'workerCount'>, SharedQueue {
  tasks: Tasks<R>;
}

/** The same without a resource. */
export interface PlainTasksWorker extends Omit<PlainTaskManagerConfig, 'workerCount'>, SharedQueue {
  tasks: Tasks<undefined>;
}

/** A worker as a bare function. */
export type WorkerFunction<Item, Result> = (item: Item, context: WorkerContext) => Result | PromiseLike<Result>;

/**
 * The default export of a module that `tasker run` or `tasker worker` is given: what to do with an item, and every option of `createTaskManager`.
 * Returns its argument, and is there for its types. A default for `maxWorkerCount` is the number of cores.
 *
 * @example
 * ```ts
 * // lengths.ts
 * import { defineWorker } from 'tasker-cli';
 *
 * export default defineWorker({
 *   onCreate: () => ({ count: 0 }),
 *   onDestroy: () => {},
 *   run: (item: string, resource, { log }) => {
 *     log(`item ${++resource.count} of this worker`);
 *     return item.length;
 *   },
 * });
 * ```
 */
export function defineWorker<R, Item, Result>(worker: ResourceWorker<R, Item, Result>): ResourceWorker<R, Item, Result>;
export function defineWorker<Item, Result>(worker: PlainWorker<Item, Result>): PlainWorker<Item, Result>;
export function defineWorker<R>(worker: TasksWorker<R>): TasksWorker<R>;
export function defineWorker(worker: PlainTasksWorker): PlainTasksWorker;
export function defineWorker<Item, Result>(worker: WorkerFunction<Item, Result>): WorkerFunction<Item, Result>;
export function defineWorker(worker: unknown): unknown {
  return worker;
}
