import type { AbortSignal, AsyncDisposable } from '../primitives/platform.ts';
import type { Held, TaskContext, TaskOptions } from '../tasks/task.ts';

/** Options of a lease. They apply while it waits; `key` also applies while it is held. */
export type LeaseOptions = Pick<TaskOptions, 'name' | 'signal' | 'priority' | 'queueTimeout' | 'key'>;

/**
 * A resource held outside a task until it is given back. A lease takes one place of a worker.
 *
 * With `release()` the holder declares the resource fit for the next user. A block of `await using` that is left
 * without it, by a throw or a `return`, declares nothing: the resource goes to `onRelease`, or is replaced if there is
 * none.
 *
 * @example
 * ```ts
 * await using lease = await manager.lease();
 * await lease.resource.query('begin');
 * await lease.resource.query('insert into visits values (now())');
 * await lease.resource.query('commit');
 * await lease.release(); // not reached if one of them throws: nobody gets the open transaction
 * ```
 */
export interface Lease<R> extends AsyncDisposable {
  readonly resource: R;
  /** Aborts when the manager gives up the lease, by `kill()` or `cancel()`, or when the resource has died. */
  readonly signal: AbortSignal;
  /**
   * Gives the resource back, fit for the next user. With an `error`, `checkHealth` judges the resource as if a task had
   * failed with that error. The lease ends with this call, which resolves when its place is free. Does nothing if the
   * manager has given up the lease; a second call does nothing either, and is reported once on `error`.
   */
  release(error?: unknown): Promise<void>;
  /**
   * Gives the resource back to be replaced; `reason` is the `cause` of `resourceDestroyed`. A second call behaves as
   * with `release()`.
   */
  destroy(reason?: unknown): Promise<void>;
}

/**
 * A lease is a task that runs until its holder lets it end.
 *
 * ```
 *           release(), destroy()
 *   held ─────────────────────────▶ given back ── again, once ──▶ told
 *    │ │    the block is left        ▲
 *    │ └─────────────────────────────┘
 *    └── the manager gives it up ──▶ given up
 * ```
 *
 * @internal so that no declaration names `Symbol.asyncDispose`, which not every program knows.
 */
export class ResourceLease<R> implements Lease<R>, Held {
  readonly resource: R;
  readonly signal: AbortSignal;
  readonly #context: TaskContext;
  readonly #keeper: LeaseKeeper;
  #state: 'held' | 'given back' | 'given up' | 'told' = 'held';
  /** How it was given back. */
  #how = '';
  /** What ends the task; undefined once the holder has let go. One that was given up is to be let go of, too. */
  #end: ((error?: unknown) => void) | undefined = undefined;

  constructor(resource: R, context: TaskContext, keeper: LeaseKeeper) {
    this.resource = resource;
    this.signal = context.signal;
    this.#context = context;
    this.#keeper = keeper;
  }

  /** Whether neither its holder nor the manager has let go of it. */
  get isHeld(): boolean {
    return this.#state === 'held';
  }

  whenReleased(end: (error?: unknown) => void): void {
    this.#end = end;
  }

  /** It is held no more; if its holder has not given it back, the manager has given it up. */
  over(): void {
    if (this.#state === 'held') this.#state = 'given up';
  }

  release(error?: unknown): Promise<void> {
    if (!this.#isOver('released')) this.#giveBack(error, 'released');
    return freed();
  }

  destroy(reason?: unknown): Promise<void> {
    if (!this.#isOver('destroyed')) this.#replace(reason, 'destroyed');
    return freed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    const left = 'left without release()';
    if (this.#end !== undefined) {
      if (this.#keeper.isReset) this.#giveBack(undefined, left);
      else this.#replace(new Error(`${this.#label} was ${left}, and there is no onRelease`), left);
    }
    return freed();
  }

  /** Whether it has been given back before; that is told, once. */
  #isOver(what: string): boolean {
    if (this.#end !== undefined) return false;
    if (this.#state === 'given back') {
      this.#state = 'told';
      this.#keeper.misused(new Error(`${this.#label} was ${what} after it had been ${this.#how}`));
    }
    return true;
  }

  #replace(reason: unknown, how: string): void {
    this.#context.invalidate(reason);
    this.#giveBack(undefined, how);
  }

  #giveBack(error: unknown, how: string): void {
    const end = this.#end;
    this.#end = undefined;
    this.#how = how;
    if (this.#state === 'held') this.#state = 'given back';
    end?.(error);
  }

  get #label(): string {
    const { id, name } = this.#context;
    return name === undefined ? `lease ${id}` : `lease ${id} ${JSON.stringify(name)}`;
  }
}

/** The place is free in a microtask. */
async function freed(): Promise<void> {
  await Promise.resolve();
}

/** What a lease needs to know of its manager. */
export interface LeaseKeeper {
  /** Whether `onRelease` resets what is given back. */
  readonly isReset: boolean;
  /** Told of a lease that is given back a second time. */
  readonly misused: (error: Error) => void;
}
