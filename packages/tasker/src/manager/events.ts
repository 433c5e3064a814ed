import type { TaskInfo, WorkerKind } from '../primitives/task-info.ts';
import type { DestroyReason } from '../resources/resource.ts';
import type { ScaleInput, ScaleReason } from '../scaling/scaler.ts';
import type { ShutdownReport } from './shutdown-report.ts';

/** Which code of the user's misbehaved. */
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
  | 'clock'
  | 'lease';

/**
 * The events of a manager and what they carry. Delivered in order, in a microtask, never inside the call that caused
 * them. Each task has exactly one of `completed`, `failed`, `cancelled` and `dropped`.
 */
export interface TaskerEvents {
  queued: { readonly task: TaskInfo };
  started: { readonly task: TaskInfo };
  /** A run was judged unhealthy and the task will run again, after `delay` ms. */
  retried: { readonly task: TaskInfo; readonly error: unknown; readonly delay: number };
  /** `finishedAt`, here and below, is the clock's time at which the task ended, as its `queuedAt` and `startedAt` are. */
  completed: { readonly task: TaskInfo; readonly finishedAt: number };
  failed: { readonly task: TaskInfo; readonly error: unknown; readonly finishedAt: number };
  cancelled: { readonly task: TaskInfo; readonly reason: unknown; readonly finishedAt: number };
  /** Refused (`QUEUE_FULL`) or pushed out (`DROPPED`) by admission, or ended by `clear()` (`DROPPED`). */
  dropped: { readonly task: TaskInfo; readonly error: unknown };
  /**
   * A task runs, or a lease is held, longer than `stuckAfter`; `stack` is where it was submitted or asked for.
   *
   * `waitsFor` says in words what the task has asked this manager for from inside its function and has not got yet: nested tasks
   * and leases, `stop()` and the like. Whether it awaits that is not known. With `isDeadlock` it never gets it, if it does: all
   * who could free a place for it wait as well, and only a cancel, a clock or `kill()` ends that.
   */
  stuck: {
    readonly task: TaskInfo;
    readonly stack?: string;
    readonly waitsFor?: string;
    readonly isDeadlock: boolean;
  };
  /** A function ignored its abort for `abandonAfter`: its resource is replaced. */
  abandoned: { readonly task: TaskInfo };
  resourceCreated: { readonly kind: WorkerKind };
  /** `cause` is what stands behind `reason`: the error of a sick one, or what `invalidate`, `destroy` and `recycle` were given. */
  resourceDestroyed: { readonly kind: WorkerKind; readonly reason: DestroyReason; readonly cause?: unknown };
  createFailed: { readonly kind: WorkerKind; readonly error: unknown };
  /** The number of workers changes; `message` says in words from what to what and why, `input` is what that was decided on. */
  scaled: {
    readonly from: number;
    readonly to: number;
    readonly reason: ScaleReason;
    readonly message: string;
    readonly input: ScaleInput;
  };
  paused: object;
  /** A pause is over, also one that a drain or a stop has ended; or tasks are accepted again after a drain. */
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

/** The names of all events, for checking; the compiler sees to it that none is missing. */
export const EVENT_NAMES: Record<keyof TaskerEvents, true> = {
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
  paused: true,
  resumed: true,
  idle: true,
  error: true,
  stopped: true,
};
