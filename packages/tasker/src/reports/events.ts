import type { TaskInfo, WorkerKind } from '../primitives/task-info.ts';
import type { DestroyReason } from '../resources/resource.ts';
import type { ScaleInput, ScaleReason } from '../scaling/scaler.ts';

/** The source of an `error` event: your hook, listener or object that failed, or a `lease` that was misused. */
export type ErrorSource =
  | 'checkHealth'
  | 'onDestroy'
  | 'validate'
  | 'onRelease'
  | 'collector'
  | 'logger'
  | 'backoff'
  | 'createBackoff'
  | 'scaling'
  | 'listener'
  | 'signal'
  | 'interceptor'
  | 'clock'
  | 'lease';

/**
 * The events of a manager and what they carry. They are delivered in order, in a microtask, never inside the call that
 * caused them. Each task ends with exactly one of `completed`, `failed`, `cancelled` and `dropped`.
 */
export interface TaskerEvents {
  /** A task was accepted. */
  queued: { readonly task: TaskInfo };
  /** A run of a task begins. */
  started: { readonly task: TaskInfo };
  /** A run was judged unhealthy, and the task is retried after `delay` ms. */
  retried: { readonly task: TaskInfo; readonly error: unknown; readonly delay: number };
  /**
   * A task has succeeded. `finishedAt`, here and below, is when it ended, on the same clock as `queuedAt` and
   * `startedAt`.
   */
  completed: { readonly task: TaskInfo; readonly finishedAt: number };
  /** A task has failed for good, for example by a timeout. */
  failed: { readonly task: TaskInfo; readonly error: unknown; readonly finishedAt: number };
  /** A task was cancelled by its signal or `cancel()`, or was killed. */
  cancelled: { readonly task: TaskInfo; readonly reason: unknown; readonly finishedAt: number };
  /** A task was refused by a full queue (`QUEUE_FULL`), pushed out of it, or ended by `clear()` (both `DROPPED`). */
  dropped: { readonly task: TaskInfo; readonly error: unknown };
  /**
   * A task has run, or a lease has been held, for longer than `stuckAfter`; `stack` tells where it was submitted or
   * requested.
   *
   * `waitsFor` says in words what the task's function has requested from this manager and not yet got: nested tasks and
   * leases, `stop()` and the like. Whether the function awaits it is not known. If it does and `isDeadlock` is true, it
   * waits forever: every task that could free a place waits, too, and only a cancel, a time limit or `kill()` ends the
   * wait.
   */
  stuck: {
    readonly task: TaskInfo;
    readonly stack?: string;
    readonly waitsFor?: string;
    readonly isDeadlock: boolean;
  };
  /** A function has ignored its abort for `abandonAfter` ms; its resource is replaced. */
  abandoned: { readonly task: TaskInfo };
  /** A resource is up. */
  resourceCreated: { readonly kind: WorkerKind };
  /**
   * A resource is gone. `cause` is the error that revealed a sick one, or the argument of `invalidate`, `destroy` or
   * `recycle`.
   */
  resourceDestroyed: { readonly kind: WorkerKind; readonly reason: DestroyReason; readonly cause?: unknown };
  /** `onCreate` failed or took too long. */
  createFailed: { readonly kind: WorkerKind; readonly error: unknown };
  /**
   * The number of workers changes. `message` explains the change in words; `input` is what the decision is based on.
   */
  scaled: {
    readonly from: number;
    readonly to: number;
    readonly reason: ScaleReason;
    readonly message: string;
    readonly input: ScaleInput;
  };
  /** Tasks wait for a rate or for the end of a pause. Emitted at most once a second while they do. */
  throttled: Throttled;
  /** No queued task starts until `resumed`. */
  paused: object;
  /** A pause was ended by `resume()`, a drain or a stop; or tasks are accepted again after a drain. */
  resumed: object;
  /** Nothing is queued and nothing runs. */
  idle: object;
  /**
   * A hook, a listener, the logger or the collector threw, or a lease was given back twice (`lease`); the outcome of
   * tasks does not change.
   */
  error: { readonly error: unknown; readonly source: ErrorSource };
  /** The manager has shut down. This is the last event. */
  stopped: { readonly report: ShutdownReport };
}

/** What the event `throttled` carries. */
export interface Throttled {
  /** What holds the tasks back: `rate` = `rate` or `keyRate`, `overload` = the pause after an `overload`. */
  readonly reason: 'rate' | 'overload';
  /** Milliseconds until the next of these tasks may start. */
  readonly delay: number;
  /** Number of tasks held back, including those that wait for a worker as well; the `throttledTasks` of `stats()`. */
  readonly waiting: number;
}

/** The names of all events, as keys; the compiler sees to it that none is missing. */
const EVENT_NAMES: Record<keyof TaskerEvents, true> = {
  queued: true,
  started: true,
  retried: true,
  completed: true,
  failed: true,
  cancelled: true,
  dropped: true,
  stuck: true,
  abandoned: true,
  resourceCreated: true,
  resourceDestroyed: true,
  createFailed: true,
  scaled: true,
  throttled: true,
  paused: true,
  resumed: true,
  idle: true,
  error: true,
  stopped: true,
};

/** The names of all events. */
export const eventNames: readonly (keyof TaskerEvents)[] = Object.keys(EVENT_NAMES) as (keyof TaskerEvents)[];

/** The result of a shutdown. It counts from the call of `stop()` or `kill()`, whichever came first. */
export interface ShutdownReport {
  /** Tasks completed since that call. */
  readonly completed: number;
  /** Tasks failed since that call. */
  readonly failed: number;
  /** Tasks that were waiting when the manager was killed. */
  readonly dropped: TaskInfo[];
  /** Tasks with a function that was given up while it ran; its work may be half done. */
  readonly abandoned: TaskInfo[];
  /** Milliseconds from that call to the end. */
  readonly durationMs: number;
}

/** What a shutdown counts, from the call of `stop()` or `kill()` on. */
export type ShutdownTally = { -readonly [K in Exclude<keyof ShutdownReport, 'durationMs'>]: ShutdownReport[K] };
