import type { TaskContext, WorkerRef } from 'tasker';
import type { WorkerContext } from './define-worker.ts';

/** The context of the core with what the command adds. The signal is made only when it is read. */
export class ItemContext implements WorkerContext {
  readonly index: number;
  readonly log: (message: unknown) => void;
  readonly #task: TaskContext;

  constructor(task: TaskContext, index: number, log: (message: unknown) => void) {
    this.#task = task;
    this.index = index;
    this.log = log;
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
}
