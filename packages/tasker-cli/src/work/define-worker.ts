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

/** A worker as a bare function. */
export type WorkerFunction<Item, Result> = (item: Item, context: WorkerContext) => Result | PromiseLike<Result>;

/**
 * The default export of a module that `tasker run` is given: what to do with an item, and every option of `createTaskManager`.
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
export function defineWorker<Item, Result>(worker: WorkerFunction<Item, Result>): WorkerFunction<Item, Result>;
export function defineWorker(worker: unknown): unknown {
  return worker;
}
