import { describe } from '../primitives/check.ts';
import { systemClock } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { TaskerError } from '../primitives/errors.ts';
import { Histogram } from '../primitives/histogram.ts';
import { RateWindow } from '../primitives/rate.ts';
import type { TaskInfo } from '../primitives/task-info.ts';

/**
 * A snapshot of performance, throughput and reliability: numbers that no longer change. Times are in milliseconds and
 * cover completed tasks; rates of arrival and completion are per second over a recent window; totals count from the
 * start.
 */
export interface TaskMetrics {
  /** Mean time of the last run, from its start to its end. */
  readonly averageExecutionTime: number;
  readonly minExecutionTime: number;
  readonly maxExecutionTime: number;
  /** Half of all completed tasks ran no longer than this. */
  readonly p50ExecutionTime: number;
  readonly p95ExecutionTime: number;
  readonly p99ExecutionTime: number;
  /** Mean time from submission to the start of the last run. */
  readonly averageWaitTime: number;
  readonly p50WaitTime: number;
  readonly p95WaitTime: number;
  readonly p99WaitTime: number;
  /** Tasks submitted per second. */
  readonly taskArrivalRate: number;
  /** Tasks completed per second: the throughput. */
  readonly taskCompletionRate: number;
  readonly totalTasksArrived: number;
  readonly totalTasksCompleted: number;
  /** Tasks that failed for good, including those that timed out or exhausted their retries. */
  readonly totalTasksFailed: number;
  /** Retries, not tasks: one task can count several times. */
  readonly totalTasksRetried: number;
  /** Tasks cancelled, killed or dropped; they count nowhere else. */
  readonly totalTasksCancelled: number;
  /** Completed ÷ (completed + failed), from 0 to 1; 0 before either. */
  readonly successRate: number;
  /** Failed ÷ (completed + failed), from 0 to 1; 0 before either. */
  readonly failureRate: number;
  readonly totalResourcesCreated: number;
  readonly totalResourcesDestroyed: number;
  /** Creations of a resource that failed or took too long. */
  readonly totalCreateFailures: number;
  /**
   * Mean time of recent runs of queued tasks ÷ that of runs at low load (no more at once than base workers have
   * places); 1 while unknown. Well above 1, the workers slow each other down or the tasks themselves take longer; under
   * a lasting load `growthMustPay` finds out which.
   */
  readonly serviceTimeInflation: number;
  /**
   * How many queued tasks may run at once, because more would get no more done or were refused; Infinity while there is
   * no such limit.
   */
  readonly concurrencyLimit: number;
}

/** The three times of a task that has ended, in milliseconds of one monotonic clock. */
export interface TaskLifecycleTimestamps {
  /** Time of submission. */
  readonly queuedAt: number;
  /** Start of the last run. */
  readonly startedAt: number;
  /** End of the last run. */
  readonly finishedAt: number;
}

/**
 * Records what happens to tasks and sums it up. Tasks of `runTask` count like any other; a cancelled, killed or dropped
 * task counts only as an arrival. An error that a method throws is reported and changes nothing for the task.
 */
export interface MetricsCollector {
  /** A task was accepted. */
  recordArrival(task?: TaskInfo): void;
  /** A task was completed. */
  recordCompletion(stamps: TaskLifecycleTimestamps, task?: TaskInfo): void;
  /** A task failed for good. */
  recordFailure(stamps: TaskLifecycleTimestamps, task?: TaskInfo): void;
  /** A task will be retried. */
  recordRetry(task?: TaskInfo): void;
  /** Returns the sums up to now; the manager fills in what only it knows (cancellations, resources). */
  metrics(): TaskMetrics;
}

/** A {@link MetricsCollector} without some of the methods: one that is `undefined` is not called and costs nothing. */
export type SelectiveCollector = Pick<MetricsCollector, 'metrics'> & {
  readonly [K in Exclude<keyof MetricsCollector, 'metrics'>]: MetricsCollector[K] | undefined;
};

/** Options of {@link createCollector}. */
export interface CollectorOptions {
  /** Length of the window of both rates, in ms. A finite number above 0; default 10,000. */
  readonly window?: number;
  /** The clock that times arrivals and rates. Default: the system clock. */
  readonly clock?: Clock;
}

const DEFAULT_WINDOW = 10_000;
const BUCKETS = 10;

/** Two values for each of so many tasks. */
const BATCH = 2 * 64;

/**
 * The collector a manager uses when it is given none: fixed memory (43 KB, most of it taken with the first completion)
 * and constant time per event, whatever the number of tasks. Means, least and greatest values are exact, percentiles
 * within 1 %.
 */
export class BuiltInCollector implements MetricsCollector {
  // Plain private fields and not #private ones: every task is counted here.
  private readonly clock: Clock;
  /** Of tasks. Public, so that whoever knows the time of our clock tells it directly. */
  readonly arrivals: RateWindow;
  private readonly completions: RateWindow;
  private readonly execution = new Histogram();
  private readonly wait = new Histogram();
  private failed = 0;
  private retried = 0;
  /** Wait and execution times that the histograms lack: they take in many at once for less. */
  private readonly batch = new Float64Array(BATCH);
  private filled = 0;

  /** Both options are valid. */
  constructor(window: number, clock: Clock) {
    this.clock = clock;
    this.arrivals = new RateWindow(BUCKETS, window / BUCKETS);
    this.completions = new RateWindow(BUCKETS, window / BUCKETS);
  }

  recordArrival(): void {
    this.arrivals.add(this.clock.now());
  }

  /** The rate goes by this collector's clock, not by `finishedAt`: stamps of another clock do no harm. */
  recordCompletion(stamps: TaskLifecycleTimestamps): void {
    this.completed(stamps.queuedAt, stamps.startedAt, stamps.finishedAt, this.clock.now());
  }

  recordFailure(): void {
    this.failed++;
  }

  recordRetry(): void {
    this.retried++;
  }

  /** {@link recordCompletion} for a caller that knows the time of our clock. */
  completed(queuedAt: number, startedAt: number, finishedAt: number, now: number): void {
    const { batch, filled } = this;
    this.completions.add(now);
    batch[filled] = startedAt - queuedAt;
    batch[filled + 1] = finishedAt - startedAt;
    this.filled = filled + 2;
    if (filled + 2 === BATCH) this.takeIn();
  }

  private takeIn(): void {
    const { batch, filled } = this;
    this.wait.recordAll(batch, 0, 2, filled);
    this.execution.recordAll(batch, 1, 2, filled);
    this.filled = 0;
  }

  metrics(): TaskMetrics {
    this.takeIn();
    const now = this.clock.now();
    const execution = this.execution;
    const wait = this.wait;
    const completed = execution.count;
    const ended = completed + this.failed;
    return {
      averageExecutionTime: execution.mean,
      minExecutionTime: execution.min,
      maxExecutionTime: execution.max,
      p50ExecutionTime: execution.percentile(0.5),
      p95ExecutionTime: execution.percentile(0.95),
      p99ExecutionTime: execution.percentile(0.99),
      averageWaitTime: wait.mean,
      p50WaitTime: wait.percentile(0.5),
      p95WaitTime: wait.percentile(0.95),
      p99WaitTime: wait.percentile(0.99),
      taskArrivalRate: this.arrivals.rate(now),
      taskCompletionRate: this.completions.rate(now),
      totalTasksArrived: this.arrivals.all,
      totalTasksCompleted: completed,
      totalTasksFailed: this.failed,
      totalTasksRetried: this.retried,
      totalTasksCancelled: 0,
      successRate: ended === 0 ? 0 : completed / ended,
      failureRate: ended === 0 ? 0 : this.failed / ended,
      totalResourcesCreated: 0,
      totalResourcesDestroyed: 0,
      totalCreateFailures: 0,
      serviceTimeInflation: 1,
      concurrencyLimit: Infinity,
    };
  }
}

/**
 * Makes the built-in collector, to give it another window or to read it without the manager.
 *
 * @throws TaskerError `INVALID_CONFIG` if `window` is not a positive, finite number.
 * @example
 * ```ts
 * import { createCollector, createTaskManager } from 'tasker';
 *
 * const manager = await createTaskManager({ ...config, collector: createCollector({ window: 60_000 }) });
 * ```
 */
export function createCollector(options: CollectorOptions = {}): MetricsCollector {
  const { window = DEFAULT_WINDOW, clock = systemClock } = options;
  if (!(Number.isFinite(window) && window > 0)) {
    throw new TaskerError(
      'INVALID_CONFIG',
      `window must be a positive number of milliseconds, got ${describe(window)}`,
    );
  }
  return new BuiltInCollector(window, clock);
}
