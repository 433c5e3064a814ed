import type { TaskContext } from 'tasker';
import type { DistributedContext } from '../tasks/task-context.ts';

/** What a run is given: what the core tells it, under the names that all machines know. */
export class RunContext implements DistributedContext {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly worker: DistributedContext['worker'];
  readonly progress: (value: unknown) => void;
  readonly #core: TaskContext;

  constructor(
    core: TaskContext,
    { id, name, attempt, process }: { id: string; name: string; attempt: number; process: string },
    progress: (value: unknown) => void,
  ) {
    this.#core = core;
    this.id = id;
    this.name = name;
    this.attempt = attempt;
    this.worker = { ...core.worker, process };
    this.progress = progress;
  }

  /** Made only when it is read. */
  get signal(): AbortSignal {
    return this.#core.signal;
  }

  invalidate(reason?: unknown): void {
    this.#core.invalidate(reason);
  }
}
