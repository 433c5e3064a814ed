import type { TaskContext, TaskInfo, TaskOptions, WorkerRef } from 'tasker';
import type { WorkerContext } from './define-worker.ts';

/** What is known of the task of an item. Instants are those of `performance.now()`. */
export interface ItemTask {
  /** That of the item. */
  readonly index: number;
  readonly submittedAt: number;
  /** Start of the last run. */
  readonly startedAt: number;
  readonly options: TaskOptions | undefined;
}

/** The context of the core with what the command adds. The signal is made only when it is read. */
export class ItemContext implements WorkerContext {
  readonly log: (message: unknown) => void;
  readonly #task: TaskContext;
  readonly #item: ItemTask;

  constructor(task: TaskContext, item: ItemTask, log: (message: unknown) => void) {
    this.#task = task;
    this.#item = item;
    this.log = log;
  }

  get index(): number {
    return this.#item.index;
  }

  get id(): string {
    return this.#task.id;
  }

  get name(): string | undefined {
    return this.#task.name;
  }

  get attempt(): number {
    return this.#task.attempt;
  }

  get worker(): WorkerRef {
    return this.#task.worker;
  }

  get signal(): TaskContext['signal'] {
    return this.#task.signal;
  }

  get invalidate(): (reason?: unknown) => void {
    return this.#task.invalidate;
  }

  /** The task as the hooks of the core see it. */
  task(): TaskInfo & { readonly worker: WorkerRef } {
    const { submittedAt, startedAt, options: { priority = 0, key } = {} } = this.#item;
    const { id, name, attempt, worker } = this.#task;
    const labels = { ...(name !== undefined && { name }), ...(key !== undefined && { key }) };
    return { id, ...labels, priority, attempt, state: 'running', queuedAt: submittedAt, startedAt, worker };
  }
}
