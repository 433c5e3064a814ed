import type { RunningInfo, TaskInfo, TaskManager, WorkerInfo } from 'tasker';
import type { ManagerView, ShownRun, ShownSnapshot, ShownTask, ShownWorker } from './messages.ts';
import { cutText, plainValue } from './plain-value.ts';

/** Most of each that a page is sent; it says how many more there are. */
const MOST = { workers: 500, keys: 200, pool: 200, leases: 200, retrying: 200 };
const MAX_NAME = 200;

/** What the page needs of a manager, whatever its resources are. */
export type DashboardManager = Pick<
  TaskManager<unknown>,
  | 'now'
  | 'stats'
  | 'metrics'
  | 'inspect'
  | 'limits'
  | 'find'
  | 'on'
  | 'pause'
  | 'resume'
  | 'resize'
  | 'recycle'
  | 'stop'
  | 'cancel'
>;

export function managerView(manager: DashboardManager): ManagerView {
  return {
    stats: manager.stats(),
    metrics: manager.metrics(),
    snapshot: shownSnapshot(manager),
    limits: manager.limits(),
    now: manager.now(),
  };
}

function shownSnapshot(manager: DashboardManager): ShownSnapshot {
  const { state, workers, queues, opensIn, keys, pool, leases, retrying } = manager.inspect();
  const mostWaiting = keys.length > MOST.keys ? keys.toSorted((a, b) => b.waiting - a.waiting) : keys;
  return {
    state,
    workers: workers.slice(0, MOST.workers).map(shownWorker),
    queues: queues.slice(0, MOST.keys),
    ...(opensIn !== undefined && { opensIn }),
    keys: mostWaiting.slice(0, MOST.keys).map((key) => ({ ...key, key: cutText(key.key, MAX_NAME) })),
    pool: pool.slice(0, MOST.pool).map(shownWorker),
    leases: leases.slice(0, MOST.leases).map(shownRun),
    retrying: retrying.slice(0, MOST.retrying).map(shownTask),
    more: {
      workers: Math.max(0, workers.length - MOST.workers),
      keys: Math.max(0, keys.length - MOST.keys),
      pool: Math.max(0, pool.length - MOST.pool),
      retrying: Math.max(0, retrying.length - MOST.retrying),
    },
  };
}

const shownWorker = (worker: WorkerInfo): ShownWorker => ({ ...worker, tasks: worker.tasks.map(shownRun) });

const shownRun = (run: RunningInfo): ShownRun => ({ ...run, task: shownTask(run.task) });

export function shownTask({ name, key, meta, ...task }: TaskInfo): ShownTask {
  return {
    ...task,
    ...(name !== undefined && { name: cutText(name, MAX_NAME) }),
    ...(key !== undefined && { key: cutText(key, MAX_NAME) }),
    ...(meta !== undefined && { meta: plainValue(meta) }),
  };
}
