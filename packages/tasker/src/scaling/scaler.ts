/** The input of a {@link Scaler}. Durations are in milliseconds, rates per second. */
export interface ScaleInput {
  /** The time of the manager's clock. */
  readonly now: number;
  /**
   * Waiting tasks that a worker could start now or before a new worker would be up, without those that `rate` holds
   * back for longer.
   */
  readonly queued: number;
  /** Running tasks, including functions that still run although their task has ended. */
  readonly running: number;
  /** Workers without a task. */
  readonly idle: number;
  /** Workers whose resource is being made. */
  readonly starting: number;
  /** Workers that are alive or starting. */
  readonly workers: number;
  readonly workerCount: number;
  readonly maxWorkerCount: number;
  /** Tasks that arrived per second over the last second, including retries; at most what `rate` lets start. */
  readonly arrivalRate: number;
  /** Runs that ended per second over the last second: what all workers together get done. */
  readonly completionRate: number;
  /**
   * Runs that were refused per second over the last second: those that `checkHealth` judged an `overload`, except of a
   * key only.
   */
  readonly refusals: number;
  /** Worker time per task over the last second, or of the last tasks if none has ended since; 0 while unknown. */
  readonly serviceTime: number;
  /** Time that `onCreate` takes; 0 while unknown. */
  readonly creationTime: number;
  /** How long the longest-waiting task has waited for a worker, without its wait for `rate`; 0 if none waits. */
  readonly oldestWait: number;
}

/**
 * Returns how many workers there should be; the answer is rounded up and kept between `workerCount` and
 * `maxWorkerCount`. Called when tasks wait for a worker, when a creation ends, and every `burstInterval`, even while
 * nothing happens (by a timer that does not keep the process alive). Idle workers above the answer are retired at once
 * and, while tasks wait, busy ones after their current tasks.
 */
export type Scaler = (input: ScaleInput) => number;

/**
 * The reason for a change of the number of workers: `rate` = arrivals require it, `backlog` = waiting tasks require it,
 * `starved` = a task has waited too long, `repair` = there were fewer than `workerCount`, `idle` = workers without
 * work, `unpaid` = more workers would get no more done, or now they would, `custom` = your own law.
 */
export type ScaleReason = 'rate' | 'backlog' | 'starved' | 'repair' | 'idle' | 'unpaid' | 'custom';
