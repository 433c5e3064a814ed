import type { TaskManager } from 'tasker';
import type { Standing } from '../process/standing.ts';
import type { Runner } from './runner.ts';

/** What a run is about. */
export interface Scope {
  /** Items that had a line before. */
  readonly before: number;
  /** All items; undefined if it is not known how many. */
  readonly total: number | undefined;
  readonly hasRate: boolean;
}

export function standing(manager: TaskManager<unknown>, runner: Runner, { before, total, hasRate }: Scope): Standing {
  const { baseWorkers, burstWorkers, startingWorkers, ...stats } = manager.stats();
  const metrics = manager.metrics();
  const { p50ExecutionTime: p50, p95ExecutionTime: p95, p99ExecutionTime: p99 } = metrics;
  return {
    done: before + runner.written,
    total,
    failed: runner.failed,
    retried: metrics.totalTasksRetried,
    workers: { base: baseWorkers, burst: burstWorkers, starting: startingWorkers },
    running: stats.runningTasks,
    queued: stats.queuedTasks + stats.priorityTasks,
    throttled: stats.throttledTasks,
    hasRate,
    runTimes: metrics.totalTasksCompleted === 0 ? undefined : { p50, p95, p99 },
  };
}
