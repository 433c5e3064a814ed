/** The input of a {@link Scaler}. Durations are milliseconds, rates per second. */
export interface ScaleInput {
  /** The clock's time. */
  readonly now: number;
  /** Waiting tasks that a worker could start, now or before a new one would be there: not those that wait longer for `rate`. */
  readonly queued: number;
  /** Running tasks, functions that outlived their task included. */
  readonly running: number;
  /** Workers without a task. */
  readonly idle: number;
  /** Workers whose resource is being made. */
  readonly starting: number;
  /** Workers that live or start. */
  readonly workers: number;
  readonly workerCount: number;
  readonly maxWorkerCount: number;
  /** Tasks per second over the last second, retries included; no more than `rate` lets start. */
  readonly arrivalRate: number;
  /** Runs that have ended per second over the last second: what the workers get done together. */
  readonly completionRate: number;
  /** Tasks per second over the last second that were refused: an `overload` of `checkHealth`, but for those of a key only. */
  readonly refusals: number;
  /** Worker time per task over the last second, or of the last tasks where none has ended since; 0 while unknown. */
  readonly serviceTime: number;
  /** Time that `onCreate` takes; 0 while unknown. */
  readonly creationTime: number;
  /** How long the longest waiting task has waited for a worker, and not for `rate`; 0 if none waits. */
  readonly oldestWait: number;
}

/**
 * Decides on the number of workers. Called when tasks wait for a worker, when a creation ends and every
 * `burstInterval`, also while nothing happens (by a timer that does not keep the process alive); the answer is rounded up
 * and held between `workerCount` and `maxWorkerCount`. Idle workers above it go at once, and while tasks wait busy ones after their present tasks.
 */
export type Scaler = (input: ScaleInput) => number;

/**
 * The reason for a change of the number of workers: `rate` = arrivals ask for it, `backlog` = waiting tasks do, `starved` = a task has
 * waited too long, `repair` = there were fewer than `workerCount`, `idle` = workers without work, `unpaid` = more workers would
 * get no more done, or now they would, `custom` = a law of yours.
 */
export type ScaleReason = 'rate' | 'backlog' | 'starved' | 'repair' | 'idle' | 'unpaid' | 'custom';
