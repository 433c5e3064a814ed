import type { TaskManager } from 'tasker';
import type { Runner } from './runner.ts';

/** How far a run is. */
export interface Standing {
  /** Items with a line, those of earlier runs included. */
  readonly done: number;
  /** Undefined if it is not known. */
  readonly total: number | undefined;
  readonly failed: number;
  readonly retried: number;
  readonly workers: { readonly base: number; readonly burst: number; readonly starting: number };
  readonly running: number;
  readonly queued: number;
  /** Items of the queue that wait for their time, and what they wait for. */
  readonly throttled: number;
  readonly hasRate: boolean;
  /** Run times in ms; undefined before the first. */
  readonly runTimes: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
}

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
