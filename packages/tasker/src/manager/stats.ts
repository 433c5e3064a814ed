import type { Worker } from './worker.ts';

/** The state of the manager; `starting` until `ready`. */
export type ManagerState = 'starting' | 'running' | 'paused' | 'draining' | 'stopping' | 'stopped' | 'killed';

/** A snapshot of the manager: numbers copied, never live. */
export interface TaskStats {
  /** Base workers whose resource is alive. */
  readonly baseWorkers: number;
  /** Workers whose resource is alive and not being destroyed, quarantined ones included. */
  readonly activeWorkers: number;
  /** Active workers beyond the base ones. */
  readonly burstWorkers: number;
  /** Tasks waiting in the main queue: those of priority 0 and below, retries included. */
  readonly queuedTasks: number;
  /** Tasks waiting in the priority queue: those of a priority above 0, retries included. */
  readonly priorityTasks: number;
  /** Free resources in the pool of `runTask`. */
  readonly availableResources: number;
  /** Tasks running, those of `runTask` included. */
  readonly runningTasks: number;
  /** Tasks waiting to be run again; they count in one of the two queues, too. */
  readonly retryingTasks: number;
  /** Active workers without a task. */
  readonly idleWorkers: number;
  /** Workers whose resource is being made. */
  readonly startingWorkers: number;
  /** Workers with a function that outlived its task. */
  readonly quarantinedWorkers: number;
  /** Temporary resources of `runTask`: being made, in use or being destroyed. */
  readonly temporaryResources: number;
  /** Leases held. */
  readonly leases: number;
  readonly state: ManagerState;
}

/** The numbers of {@link TaskStats} that come from the workers. */
export function countWorkers<R>(
  workers: Iterable<Worker<R>>,
  workerCount: number,
): Pick<
  TaskStats,
  'baseWorkers' | 'activeWorkers' | 'burstWorkers' | 'idleWorkers' | 'startingWorkers' | 'quarantinedWorkers'
> {
  let activeWorkers = 0;
  let idleWorkers = 0;
  let startingWorkers = 0;
  let quarantinedWorkers = 0;
  for (const worker of workers) {
    const { state } = worker.resource;
    if (state === 'starting') startingWorkers++;
    if (state === 'live' || state === 'retiring') activeWorkers++;
    if (worker.isIdle) idleWorkers++;
    if (worker.isQuarantined) quarantinedWorkers++;
  }
  const baseWorkers = Math.min(workerCount, activeWorkers);
  const burstWorkers = activeWorkers - baseWorkers;
  return { baseWorkers, activeWorkers, burstWorkers, idleWorkers, startingWorkers, quarantinedWorkers };
}
