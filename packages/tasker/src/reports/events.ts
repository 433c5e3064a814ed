import type { TaskInfo, WorkerKind } from '../primitives/task-info.ts';
import type { DestroyReason } from '../resources/resource.ts';
import type { ScaleInput, ScaleReason } from '../scaling/scaler.ts';

/** The source of an `error` event: the hook, listener or object of yours that failed, or a `lease` that was misused. */
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
 * The events of a manager and what they carry. Delivered in order, in a microtask, never inside the call that caused
 * them. Each task has exactly one of `completed`, `failed`, `cancelled` and `dropped`.
 */
export interface TaskerEvents {
  /** A task was accepted. */
  queued: { readonly task: TaskInfo };
  /** A run of a task begins. */
  started: { readonly task: TaskInfo };
  /** A run was judged unhealthy and the task will run again, after `delay` ms. */
  retried: { readonly task: TaskInfo; readonly error: unknown; readonly delay: number };
  /** A task has succeeded. `finishedAt`, here and below, is the time of its end by the same clock as `queuedAt` and `startedAt`. */
  completed: { readonly task: TaskInfo; readonly finishedAt: number };
  /** A task has failed for good, a timeout included. */
  failed: { readonly task: TaskInfo; readonly error: unknown; readonly finishedAt: number };
  /** A task was cancelled, by its signal or `cancel()`, or killed. */
  cancelled: { readonly task: TaskInfo; readonly reason: unknown; readonly finishedAt: number };
  /** A task was refused by a full queue (`QUEUE_FULL`), pushed out of it, or ended by `clear()` (both `DROPPED`). */
  dropped: { readonly task: TaskInfo; readonly error: unknown };
  /**
   * A task runs, or a lease is held, longer than `stuckAfter`; `stack` is where it was submitted or asked for.
   *
   * `waitsFor` says in words what the task has asked this manager for from inside its function and has not got yet: nested tasks
   * and leases, `stop()` and the like. Whether the task awaits that is not known. If it does and `isDeadlock` is true, it waits for
   * ever: every task that could free a place waits as well, and only a cancel, a clock or `kill()` ends that.
   */
  stuck: {
    readonly task: TaskInfo;
    readonly stack?: string;
    readonly waitsFor?: string;
    readonly isDeadlock: boolean;
  };
  /** A function ignored its abort for `abandonAfter`: its resource is replaced. */
  abandoned: { readonly task: TaskInfo };
  /** A resource is up. */
  resourceCreated: { readonly kind: WorkerKind };
  /** A resource is gone. `cause` is the error of a sick one, or the argument of `invalidate`, `destroy` or `recycle`. */
  resourceDestroyed: { readonly kind: WorkerKind; readonly reason: DestroyReason; readonly cause?: unknown };
  /** `onCreate` failed or took too long. */
  createFailed: { readonly kind: WorkerKind; readonly error: unknown };
  /** The number of workers changes; `message` says so and why in words, `input` is the basis of the decision. */
  scaled: {
    readonly from: number;
    readonly to: number;
    readonly reason: ScaleReason;
    readonly message: string;
    readonly input: ScaleInput;
  };
  /** Tasks wait for their time; told once a second at most, while that lasts. */
  throttled: Throttled;
  /** No queued task starts until `resumed`. */
  paused: object;
  /** A pause is over, by `resume()`, a drain or a stop; or tasks are accepted again after a drain. */
  resumed: object;
  /** Nothing is queued and nothing runs. */
  idle: object;
  /**
   * A hook, a listener, the logger or the collector threw, or a lease was given back twice (`lease`); no task's outcome
   * changed.
   */
  error: { readonly error: unknown; readonly source: ErrorSource };
  /** The last event. */
  stopped: { readonly report: ShutdownReport };
}

/** What `throttled` carries. */
export interface Throttled {
  /** What holds them back: `rate`, or `keyRate`; or the pause after an `overload`. */
  readonly reason: 'rate' | 'overload';
  /** Milliseconds until the next of them may start. */
  readonly delay: number;
  /** Tasks that wait for nothing but their time, or for a worker as well; as `throttledTasks` of `stats()`. */
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

/** The result of a shutdown, counted from the call of `stop()` or `kill()`, whichever came first. */
export interface ShutdownReport {
  /** Tasks completed since. */
  readonly completed: number;
  /** Tasks failed since. */
  readonly failed: number;
  /** Tasks that waited when the manager was killed. */
  readonly dropped: TaskInfo[];
  /** Tasks whose function was given up while it ran; what it did may be half done. */
  readonly abandoned: TaskInfo[];
  /** Milliseconds from that call to the end. */
  readonly durationMs: number;
}

/** What a shutdown counts, from the call of `stop()` or `kill()` on. */
export type ShutdownTally = { -readonly [K in Exclude<keyof ShutdownReport, 'durationMs'>]: ShutdownReport[K] };
