import type { AbortSignal, AsyncDisposable } from '../primitives/platform.ts';
import type { TaskContext, TaskOptions } from '../tasks/task.ts';
import type { Held } from './place.ts';

/** Options of a lease; they concern its wait, `key` also the time it is held. */
export type LeaseOptions = Pick<TaskOptions, 'name' | 'signal' | 'priority' | 'queueTimeout' | 'key'>;

/**
 * A resource held outside a task, until it is released. It takes one place of a worker.
 *
 * @example
 * ```ts
 * await using lease = await manager.lease();
 * await lease.resource.query('select 1');
 * ```
 */
export interface Lease<R> extends AsyncDisposable {
  readonly resource: R;
  /** Aborts when the manager gives the lease up, by `kill()`: the resource is being destroyed. */
  readonly signal: AbortSignal;
  /**
   * Gives the resource back: from this call on the lease counts no more. Resolves when its place is free. Does nothing if
   * that has been done, or if the manager has given the lease up.
   */
  release(): Promise<void>;
  /** Gives the resource back to be replaced. */
  destroy(reason?: unknown): Promise<void>;
}

/**
 * A lease is a task that runs until its holder lets it end.
 *
 * @internal so that no declaration names `Symbol.asyncDispose`, which not every program knows.
 */
export class ResourceLease<R> implements Lease<R>, Held {
  readonly resource: R;
  readonly signal: AbortSignal;
  readonly #context: TaskContext;
  /** What ends the task; undefined once it is over. */
  #end: (() => void) | undefined = undefined;

  constructor(resource: R, context: TaskContext) {
    this.resource = resource;
    this.signal = context.signal;
    this.#context = context;
  }

  whenReleased(end: () => void): void {
    this.#end = end;
  }

  async release(): Promise<void> {
    const end = this.#end;
    this.#end = undefined;
    end?.();
    await Promise.resolve(); // the place is free in a microtask
  }

  async destroy(reason?: unknown): Promise<void> {
    if (this.#end !== undefined) this.#context.invalidate(reason); // later it may be somebody else's
    await this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
