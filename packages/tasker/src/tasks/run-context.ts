import type { AbortSignal } from '../primitives/platform.ts';
import type { WorkerRef } from '../primitives/task-info.ts';
import { idOf } from './task-id.ts';
import type { TaskContext, TaskExtras, TaskPlace, TaskRecord } from './task.ts';

/** The {@link TaskContext} of one run. Its abort controller exists only once somebody has looked at the signal. */
export class RunContext implements TaskContext {
  readonly attempt: number;
  readonly #sequence: number;
  readonly #extras: TaskExtras | undefined;
  readonly #place: TaskPlace;
  /** Of the signal; or why it will have aborted as soon as somebody looks at it. */
  #controller: AbortController | { readonly reason: unknown } | undefined;

  constructor(task: Pick<TaskRecord<never>, 'sequence' | 'attempt' | 'extras'>, place: TaskPlace) {
    this.attempt = task.extras === undefined ? 1 : task.attempt;
    // Not the task: of a context that is kept nothing shall hold the async context of the submitter.
    this.#sequence = task.sequence;
    this.#extras = task.extras;
    this.#place = place;
  }

  get id(): string {
    return idOf(this.#sequence);
  }

  get name(): string | undefined {
    return this.#extras?.name;
  }

  get worker(): WorkerRef {
    return this.#place.ref;
  }

  get signal(): AbortSignal {
    const controller = this.#controller;
    if (controller instanceof AbortController) return controller.signal;
    const made = new AbortController();
    this.#controller = made;
    if (controller !== undefined) made.abort(controller.reason);
    return made.signal;
  }

  get invalidate(): (reason?: unknown) => void {
    const place = this.#place;
    return (reason) => place.invalidate(reason);
  }

  /** Tells the function that nobody waits for it any more. For the manager; a task sees only {@link TaskContext}. */
  static abort(context: RunContext, reason: unknown): void {
    const controller = context.#controller;
    if (controller instanceof AbortController) controller.abort(reason);
    else context.#controller ??= { reason };
  }
}
