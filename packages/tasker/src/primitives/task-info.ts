/**
 * The kind of a worker: `base` = always there, `burst` = made for load, `pool` = in the spare pool of `runTask`,
 * `temporary` = made for one `runTask`.
 */
export type WorkerKind = 'base' | 'burst' | 'pool' | 'temporary';

/** Identifies a worker. Its `id` is unique within the manager and never reused. */
export interface WorkerRef {
  readonly id: number;
  readonly kind: WorkerKind;
}

/** The state of a task; the last three are final. */
export type TaskState = 'queued' | 'running' | 'retrying' | 'completed' | 'failed' | 'cancelled';

/**
 * A snapshot of one task, as errors, events, hooks and reports carry it. Times are milliseconds of the manager's clock.
 */
export interface TaskInfo {
  /** Unique within the manager. */
  readonly id: string;
  /** The `name` option. */
  readonly name?: string;
  /** The `key` option. */
  readonly key?: string;
  /** The `meta` option. */
  readonly meta?: unknown;
  readonly priority: number;
  /** Number of runs begun: 0 before the first, 1 during it. */
  readonly attempt: number;
  readonly state: TaskState;
  /** Time of submission; retries do not change it. */
  readonly queuedAt: number;
  /** Start of the last run; absent before the first. */
  readonly startedAt?: number;
  /** The worker that runs it or ran it last; absent while it waits. */
  readonly worker?: WorkerRef;
}
