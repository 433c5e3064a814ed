import type { AsyncScope } from '../primitives/async-scope.ts';
import type { Clock } from '../primitives/clock.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import type { WorkerKind } from '../primitives/task-info.ts';

/** The reason for which a resource is destroyed, as `onDestroy` and `resourceDestroyed` get it. */
export type DestroyReason =
  | 'shutdown'
  | 'sick'
  | 'idle'
  | 'age'
  | 'uses'
  | 'invalidated'
  | 'invalid'
  | 'abandoned'
  | 'temporary'
  | 'recycled'
  | 'resized'
  | 'late';

/** The argument of `onCreate`. */
export interface CreateContext {
  /** Aborts when the resource is no longer wanted: `createTimeout` has passed, or the manager shuts down. */
  readonly signal: AbortSignal;
  /** The kind of worker that the resource is made for. A burst worker may become a base worker later. */
  readonly kind: WorkerKind;
  /**
   * Reports, at any time, that the resource has died. It is replaced once the tasks and leases that use it have ended.
   * Their signals abort with `reason`, by default an `AbortError`.
   */
  readonly invalidate: (reason?: unknown) => void;
}

/** The hooks that make and destroy resources, and their bounds in ms. */
export interface ResourceHooks<R> {
  readonly onCreate: (context: CreateContext) => R | PromiseLike<R>;
  readonly onDestroy: (resource: R, reason: DestroyReason) => void | PromiseLike<unknown>;
  readonly createTimeout: number;
  readonly destroyTimeout: number;
  readonly clock: Clock;
  /** The async context in which hooks are called. */
  readonly scope: AsyncScope | undefined;
}

/**
 * - `starting`: `onCreate` runs. Next is `live`, or `gone` if `onCreate` fails, exceeds `createTimeout` or is
 *   discarded; a resource that comes too late is destroyed on arrival.
 * - `live`: may be used, until it is retired.
 * - `retiring`: takes no new task or lease; waits for those that use it.
 * - `destroying`: `onDestroy` runs, until it ends or exceeds `destroyTimeout`; nothing uses the resource.
 * - `gone`: final.
 */
export type ResourceState = 'starting' | 'live' | 'retiring' | 'destroying' | 'gone';

const NEXT: Record<ResourceState, readonly ResourceState[]> = {
  starting: ['live', 'gone'],
  live: ['retiring'],
  retiring: ['destroying'],
  destroying: ['gone'],
  gone: [],
};

/**
 * The life of one resource, whoever owns it: made once, used, destroyed once, and never used afterwards.
 *
 * ```
 *   starting ──▶ live ──▶ retiring ──▶ destroying ──▶ gone
 *       │                                             ▲
 *       └── onCreate failed, timed out, discarded ─────┘
 * ```
 */
export class Resource<R> {
  /** Users now, those whose function outlived its task included. */
  users = 0;
  /** Users so far. */
  uses = 0;
  /** When `onCreate` ended; -1 before. */
  createdAt = -1;
  /** The resource itself; to be read only while it is live or has users. */
  value: R = undefined as R;
  /** Written by {@link #enter} only. */
  state: ResourceState = 'starting';
  /** Why it was retired; undefined while it is starting or live. */
  reason: DestroyReason | undefined = undefined;
  readonly #kind: WorkerKind;
  readonly #hooks: ResourceHooks<R>;
  readonly #owner: ResourceOwner;
  readonly #log: ResourceLog;
  readonly #creation = new AbortController();
  #timer: unknown = undefined;
  #cause: unknown = undefined;
  #isInvalidated = false;

  constructor(kind: WorkerKind, hooks: ResourceHooks<R>, owner: ResourceOwner, log: ResourceLog) {
    this.#kind = kind;
    this.#hooks = hooks;
    this.#owner = owner;
    this.#log = log;
  }

  /** Whether somebody has said that it has died. */
  get isInvalidated(): boolean {
    return this.#isInvalidated;
  }

  /** Calls `onCreate`. The owner is told of the end, never inside this call. */
  open(): void {
    const { clock, createTimeout, onCreate } = this.#hooks;
    const context: CreateContext = {
      signal: this.#creation.signal,
      kind: this.#kind,
      invalidate: (reason) => {
        this.invalidate(reason);
        this.#owner.died(reason);
      },
    };
    this.#timer = clock.setTimeout(() => {
      this.#fail(new Error(`onCreate took longer than createTimeout, ${createTimeout} ms`), true);
    }, createTimeout);
    this.#call(() => onCreate(context)).then(
      (value) => this.#arrive(value),
      (error: unknown) => this.#fail(error, false),
    );
  }

  /**
   * Takes no new user from now on; is destroyed after the last one. Does nothing once that has been said, but an
   * abandoned resource is one however it had been retired: `onDestroy` must know that it may be in use. `cause` is the error
   * or the caller's reason behind it.
   */
  retire(reason: DestroyReason, cause?: unknown): void {
    if (this.state === 'retiring' && reason === 'abandoned') this.reason = reason;
    if (this.state !== 'live') return;
    this.#cause = cause;
    this.#leaveLive(reason);
    this.#log.retired(this.#kind, reason, cause);
    this.#destroyIfUnused();
  }

  /** It has died: like {@link retire}, also before it is up. */
  invalidate(cause: unknown): void {
    this.#isInvalidated = true;
    if (this.state === 'starting') this.#cause = cause;
    else this.retire('invalidated', cause);
  }

  /** Somebody starts using it. */
  join(): void {
    if (this.state !== 'live')
      throw new Error(`a resource may be used only while it is live, this one is ${this.state}`);
    this.users++;
    this.uses++;
  }

  /** Keeps it from being destroyed while a hook looks at it; ended by {@link leave}. Counts as no use. */
  hold(): void {
    this.users++;
  }

  /** A user has ended. */
  leave(): void {
    this.users--;
    if (this.state === 'retiring') this.#destroyIfUnused();
  }

  /** For shutdowns: goes after its last user. One that is starting is waited for, but `onCreate` is told that it need not go on. */
  close(reason: unknown): void {
    if (this.state === 'starting') this.#creation.abort(reason);
    else this.retire('shutdown');
  }

  /** Destroys it now, whoever uses it; one that is starting is given up and destroyed on arrival. For shutdowns. */
  discard(reason: unknown): void {
    if (this.state === 'starting') {
      this.#clearTimer();
      this.#enter('gone');
      this.#creation.abort(reason);
      this.#owner.closed();
      return;
    }
    if (this.state === 'live') this.#leaveLive('shutdown');
    else if (this.state === 'retiring' && this.users > 0) this.reason = 'shutdown';
    if (this.state === 'retiring') this.#destroy();
  }

  #leaveLive(reason: DestroyReason): void {
    this.#enter('retiring');
    this.reason = reason;
    this.#owner.closing();
  }

  #arrive(value: R): void {
    this.#log.created(this.#kind);
    if (this.state !== 'starting') {
      this.#bury(value, 'late', () => {});
      return;
    }
    this.#clearTimer();
    this.value = value;
    this.createdAt = this.#hooks.clock.now();
    this.#enter('live');
    this.#owner.opened(this.createdAt);
    if (this.#isInvalidated) this.retire('invalidated', this.#cause); // by `onCreate` itself, before it came up
  }

  #fail(error: unknown, isTimeout: boolean): void {
    if (this.state !== 'starting') return;
    this.#clearTimer();
    this.#enter('gone');
    if (isTimeout) this.#creation.abort(error);
    this.#log.createFailed(this.#kind, error);
    this.#owner.notOpened(error);
  }

  /** A timer is made in whichever async context asks for the resource, and holds it: so it is let go of. */
  #clearTimer(): void {
    this.#hooks.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Telling the owner may have set off anything, even a kill: look at what is true now. */
  #destroyIfUnused(): void {
    if (this.users === 0 && this.state === 'retiring') this.#destroy();
  }

  #destroy(): void {
    this.#enter('destroying');
    const { value } = this;
    this.value = undefined as R;
    this.#bury(value, this.reason ?? 'shutdown', () => {
      this.#enter('gone');
      this.#owner.closed();
    });
  }

  /** Calls `onDestroy` once, and `done` when it ends or has taken too long. */
  #bury(value: R, reason: DestroyReason, done: () => void): void {
    const { clock, destroyTimeout, onDestroy } = this.#hooks;
    const timer = clock.setTimeout(() => {
      end(new Error(`onDestroy took longer than destroyTimeout, ${destroyTimeout} ms`));
    }, destroyTimeout);
    let isOver = false;
    const end = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      clock.clearTimeout(timer);
      if (error !== undefined) this.#log.hookFailed('onDestroy', error);
      this.#log.destroyed(this.#kind, reason, this.#cause);
      done();
    };
    this.#call(() => onDestroy(value, reason)).then(
      () => end(),
      (error: unknown) => end(error ?? new Error('onDestroy was rejected with undefined')),
    );
  }

  /** Calls a hook in the manager's async context; what it throws becomes a rejection. */
  async #call<T>(hook: () => T | PromiseLike<T>): Promise<T> {
    const { scope } = this.#hooks;
    return scope === undefined ? hook() : scope.runInAsyncScope(hook, undefined);
  }

  #enter(state: ResourceState): void {
    if (!NEXT[this.state].includes(state)) throw new Error(`a resource cannot go from ${this.state} to ${state}`);
    this.state = state;
  }
}

/** Who has a resource made, and hears how it fares. */
export interface ResourceOwner {
  /** It is up and may be used, but not inside this call: it may turn out to have died meanwhile. */
  opened(now: number): void;
  /** It could not be made; `cause` is what `onCreate` threw. It counts no more. */
  notOpened(cause: unknown): void;
  /** It takes no new user from now on, and is destroyed after the last one. */
  closing(): void;
  /** `onCreate` has said that it has died: those who use it are told so. */
  died(reason: unknown): void;
  /** Its destruction has ended, or was given up. It counts no more. */
  closed(): void;
}

/** Who counts resources and reports what hooks do wrong. */
export interface ResourceLog {
  created(kind: WorkerKind): void;
  /** It takes no new user from now on; `cause` is the error or the caller's reason behind it, if there is one. */
  retired(kind: WorkerKind, reason: DestroyReason, cause: unknown): void;
  destroyed(kind: WorkerKind, reason: DestroyReason, cause: unknown): void;
  createFailed(kind: WorkerKind, error: unknown): void;
  hookFailed(hook: 'onDestroy', error: unknown): void;
}
