import type { TaskManager } from 'tasker';

/** How far a run is. */
export interface Standing {
  /** Items with a line, those of earlier runs included. */
  readonly done: number;
  /** Undefined if it is not known. */
  readonly total: number | undefined;
  readonly failed: number;
  readonly retried: number;
  readonly workers: number;
  readonly startingWorkers: number;
  /** Processes that share the work, where there may be several; undefined while it is not known. */
  readonly processes?: number | undefined;
  readonly running: number;
  readonly queued: number;
  /** Items of the queue that wait for their time, and what they wait for. */
  readonly throttled: number;
  readonly hasRate: boolean;
  /** Run times in ms; undefined before the first. */
  readonly runTimes: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
}

/** What those who run the items do at present. */
export type WorkforceStanding = Omit<Standing, 'done' | 'total' | 'failed'>;

/** That of the workers of a manager, or of one for many machines. */
export function standingOf(
  manager: Pick<TaskManager<never>, 'stats' | 'metrics'>,
  hasRate: boolean,
): WorkforceStanding {
  const { baseWorkers, burstWorkers, startingWorkers, ...stats } = manager.stats();
  const metrics = manager.metrics();
  const { p50ExecutionTime: p50, p95ExecutionTime: p95, p99ExecutionTime: p99 } = metrics;
  return {
    retried: metrics.totalTasksRetried,
    workers: baseWorkers + burstWorkers,
    startingWorkers,
    running: stats.runningTasks,
    queued: stats.queuedTasks + stats.priorityTasks,
    throttled: stats.throttledTasks,
    hasRate,
    runTimes: metrics.totalTasksCompleted === 0 ? undefined : { p50, p95, p99 },
  };
}
