import { describe } from '../primitives/check.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import { ignoreRejection } from '../primitives/thenable.ts';
import type { TaskFunction, TaskRecord } from './task.ts';

/**
 * Called with each task when it is submitted, in the async context of its submitter. The function that it returns
 * replaces `run` in every run of the task; undefined changes nothing. A task that a full queue refuses has the state
 * `cancelled` and does not run. To learn how a task ended, listen to `completed`, `failed`, `cancelled` and `dropped`.
 */
export type Interceptor = (task: TaskInfo, run: AnyTask) => AnyTask | undefined;

/** With whatever resource: an interceptor hands it on. */
type AnyTask = TaskFunction<unknown, unknown>;

/** The interceptors of a manager. The one that was added last is the outermost. */
export class Interceptors {
  #all: readonly Interceptor[] = [];
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Returns the function that takes it away again. */
  add(interceptor: Interceptor): () => void {
    const own: Interceptor = (task, run) => interceptor(task, run); // the same one may be added twice
    this.#all = [...this.#all, own];
    return () => {
      this.#all = this.#all.filter((other) => other !== own);
    };
  }

  /** Shows them a task that was accepted. They may do anything, even end it. */
  intercept<R>(record: TaskRecord<R>): void {
    for (const interceptor of this.#all) {
      if (!record.isOpen) return; // it has let go of its function
      const run = this.#call(interceptor, record);
      if (run !== undefined && record.isOpen) record.task = run;
    }
  }

  /** Shows them a task that was refused. */
  refused<R>(record: TaskRecord<R>): void {
    for (const interceptor of this.#all) this.#call(interceptor, record);
  }

  #call<R>(interceptor: Interceptor, record: TaskRecord<R>): AnyTask | undefined {
    try {
      const run: unknown = interceptor(record.info(), record.task as AnyTask);
      if (run === undefined || typeof run === 'function') return run as AnyTask | undefined;
      ignoreRejection(run);
      throw new TypeError(`an interceptor must return a function or undefined, got ${describe(run)}`);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}
