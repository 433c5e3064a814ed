import type { AbortSignal } from '../primitives/platform.ts';
import type { WorkerRef } from '../primitives/task-info.ts';
import type { TaskContext, TaskPlace, TaskRecord } from './task.ts';

/** The {@link TaskContext} of one run. Its abort controller exists only once somebody has looked at the signal. */
export class RunContext<R> implements TaskContext {
  readonly attempt: number;
  readonly #task: TaskRecord<R>;
  readonly #place: TaskPlace;
  #controller: AbortController | undefined = undefined;
  #aborted: { readonly reason: unknown } | undefined = undefined;

  constructor(task: TaskRecord<R>, place: TaskPlace) {
    this.attempt = task.attempt;
    this.#task = task;
    this.#place = place;
  }

  get id(): string {
    return this.#task.id;
  }

  get name(): string | undefined {
    return this.#task.extras?.name;
  }

  get worker(): WorkerRef {
    return this.#place.ref;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  get invalidate(): (reason?: unknown) => void {
    const place = this.#place;
    return (reason) => place.invalidate(reason);
  }

  /** Tells the function that nobody waits for it any more. For the manager; a task sees only {@link TaskContext}. */
  static abort<R>(context: RunContext<R>, reason: unknown): void {
    context.#aborted = { reason };
    context.#controller?.abort(reason);
  }
}
