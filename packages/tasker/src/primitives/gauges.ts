/** What of `stats()` is split up here. */
interface Counts {
  readonly activeWorkers: number;
  readonly idleWorkers: number;
  readonly startingWorkers: number;
  readonly quarantinedWorkers: number;
  readonly queuedTasks: number;
  readonly priorityTasks: number;
  readonly retryingTasks: number;
}

/** What a worker is doing; `quarantined` is held by a function that has outlived its task. */
export type WorkerActivity = 'idle' | 'busy' | 'starting' | 'quarantined';

/** The workers, each in one of these states. */
export function workersByState(stats: Counts): Record<WorkerActivity, number> {
  const { activeWorkers, idleWorkers, startingWorkers, quarantinedWorkers } = stats;
  return {
    idle: idleWorkers,
    busy: Math.max(0, activeWorkers - idleWorkers - quarantinedWorkers),
    starting: startingWorkers,
    quarantined: quarantinedWorkers,
  };
}

/** The tasks that wait. Those that are `retrying` count in one of the two queues, too. */
export function tasksByQueue(stats: Counts): Record<'main' | 'priority' | 'retrying', number> {
  return { main: stats.queuedTasks, priority: stats.priorityTasks, retrying: stats.retryingTasks };
}
