import type { RateLimit } from '../primitives/gcra.ts';
import type { TaskInfo, WorkerKind } from '../primitives/task-info.ts';
import type { ResourceState } from '../resources/resource.ts';
import type { KeySnapshot, LevelSnapshot } from '../tasks/queue.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { Crew } from '../workers/crew.ts';
import type { Worker } from '../workers/worker.ts';
import type { Engine } from './engine.ts';

/** The state of the manager; `starting` until `ready`. */
export type ManagerState = 'starting' | 'running' | 'paused' | 'draining' | 'stopping' | 'stopped' | 'killed';

/** A snapshot of the manager: numbers that no longer change. */
export interface TaskStats {
  /** Base workers with a live resource. */
  readonly baseWorkers: number;
  /** Workers with a live resource that is not being destroyed, including quarantined workers. */
  readonly activeWorkers: number;
  /** Active workers beyond the base ones. */
  readonly burstWorkers: number;
  /** Tasks waiting in the main queue, with priority 0 or below, including retries. */
  readonly queuedTasks: number;
  /** Tasks waiting in the priority queue, with a priority above 0, including retries. */
  readonly priorityTasks: number;
  /** Free resources in the spare pool of `runTask`. */
  readonly availableResources: number;
  /**
   * Tasks that wait for `rate` or `keyRate`, or for the end of a pause after an `overload`. Except for those of
   * `runTask`, they also count in one of the two queues.
   */
  readonly throttledTasks: number;
  /** Running tasks, including those of `runTask`. */
  readonly runningTasks: number;
  /** Tasks waiting to be retried; they also count in one of the two queues. */
  readonly retryingTasks: number;
  /** Active workers without a task. */
  readonly idleWorkers: number;
  /** Workers whose resource is being made. */
  readonly startingWorkers: number;
  /** Workers with a function that still runs although its task has ended. */
  readonly quarantinedWorkers: number;
  /** Temporary resources of `runTask`: being made, in use or being destroyed. */
  readonly temporaryResources: number;
  /** Leases held. */
  readonly leases: number;
  readonly state: ManagerState;
}

export function statsOf<R>(engine: Engine<R>): TaskStats {
  const { line, queue, ledger } = engine;
  const fleet = engine.fleet.crew;
  let activeWorkers = 0;
  let idleWorkers = 0;
  let startingWorkers = 0;
  let quarantinedWorkers = 0;
  for (const worker of fleet.workers) {
    const { state } = worker.resource;
    if (state === 'starting') startingWorkers++;
    if (state === 'live' || state === 'retiring') activeWorkers++;
    if (worker.isIdle) idleWorkers++;
    if (worker.isQuarantined) quarantinedWorkers++;
  }
  const baseWorkers = Math.min(fleet.least, activeWorkers);
  return {
    baseWorkers,
    activeWorkers,
    burstWorkers: activeWorkers - baseWorkers,
    queuedTasks: queue.mainSize,
    priorityTasks: queue.prioritySize,
    availableResources: line.spare.length,
    throttledTasks: engine.throttledTasks,
    runningTasks: ledger.running,
    retryingTasks: queue.retrySize,
    idleWorkers,
    startingWorkers,
    quarantinedWorkers,
    temporaryResources: line.temporaries.size,
    leases: ledger.leases,
    state: stateOf(engine),
  };
}

function stateOf<R>({ lifecycle, dispatcher }: Engine<R>): ManagerState {
  const { shown } = lifecycle;
  return shown === 'running' && dispatcher.isPaused ? 'paused' : shown;
}

/** One worker, what it does and for how long. */
export interface WorkerInfo {
  /** Unique within the manager, and never reused. */
  readonly id: number;
  readonly kind: WorkerKind;
  readonly state: ResourceState;
  /** Its running tasks and leases, including ended ones with a function that still runs. */
  readonly tasks: readonly RunningInfo[];
  /** Uses of its resource so far. */
  readonly uses: number;
  /** Milliseconds since its resource came up; 0 before. */
  readonly age: number;
  /** Milliseconds since it last had work; 0 while it has. */
  readonly idleFor: number;
}

/** One running task or lease. */
export interface RunningInfo {
  readonly task: TaskInfo;
  readonly isLease: boolean;
  /** Whether its function still runs although the task has ended. */
  readonly isQuarantined: boolean;
  /** Milliseconds since its start. */
  readonly runningFor: number;
}

/** Every worker, lease and queue, with what each does and for how long: a copy that no longer changes. */
export interface ManagerSnapshot {
  readonly state: ManagerState;
  /** The workers of the queues. */
  readonly workers: readonly WorkerInfo[];
  /** The waiting tasks of each priority, the highest first. */
  readonly queues: readonly LevelSnapshot[];
  /**
   * Milliseconds until the next task may start; absent unless `rate` or a pause after an overload holds back all tasks.
   */
  readonly opensIn?: number;
  /** The waiting and running tasks of each key. */
  readonly keys: readonly KeySnapshot[];
  /** The spare and temporary resources of `runTask`. */
  readonly pool: readonly WorkerInfo[];
  /** The leases held. */
  readonly leases: readonly RunningInfo[];
  /** Tasks waiting to be retried. */
  readonly retrying: readonly TaskInfo[];
}

export function snapshotOf<R>(engine: Engine<R>): ManagerSnapshot {
  const { fleet, line, queue, dispatcher, opensIn } = engine;
  const now = dispatcher.clock.now();
  const describe = (crew: Crew<R>): WorkerInfo[] => [...crew.workers].map((worker) => describeWorker(worker, now));
  const workers = describe(fleet.crew);
  return {
    state: stateOf(engine),
    workers,
    queues: queue.snapshot(now),
    ...(opensIn > 0 && { opensIn }),
    keys: queue.keys(now),
    pool: [...describe(line.pool), ...describe(line.temporaries)],
    leases: workers.flatMap((worker) => worker.tasks.filter((running) => running.isLease)),
    retrying: [...queue.retries()].map((task) => task.info()),
  };
}

function describeWorker<R>(worker: Worker<R>, now: number): WorkerInfo {
  const { createdAt, state } = worker.resource;
  return {
    id: worker.id,
    kind: worker.kind,
    state,
    tasks: worker.places.flatMap((place) => {
      const { task } = place;
      const isQuarantined = place.state === 'quarantined';
      if (task === undefined || (task.state !== 'running' && !isQuarantined)) return []; // none, or one that has just ended
      return {
        task: task.info(),
        isLease: task.kind === 'lease',
        isQuarantined,
        runningFor: now - (task.startedAt ?? now),
      };
    }),
    uses: worker.uses,
    age: createdAt < 0 ? 0 : now - createdAt,
    idleFor: worker.isIdle ? now - worker.idleSince : 0,
  };
}

/** The limits in force: the options of the same names with their defaults, and the sizes as last set by `resize()`. */
export interface ManagerLimits {
  readonly workerCount: number;
  readonly maxWorkerCount: number;
  readonly resourcePoolSize: number;
  readonly tasksPerWorker: number;
  readonly maxQueueSize: number;
  readonly keyConcurrency: number;
  /** Empty if there is none. */
  readonly rate: readonly RateLimit[];
  readonly keyRate: readonly RateLimit[];
}

export function limitsOf<R>({ config }: Engine<R>): ManagerLimits {
  const { sizes, tasksPerWorker, maxQueueSize, keyConcurrency, rate, keyRate = [] } = config;
  const { workerCount, maxWorkerCount, resourcePoolSize } = sizes;
  return {
    workerCount,
    maxWorkerCount,
    resourcePoolSize,
    tasksPerWorker,
    maxQueueSize,
    keyConcurrency,
    rate: rate.map((limit) => ({ ...limit })),
    keyRate: keyRate.map((limit) => ({ ...limit })),
  };
}

/** The first `limit` tasks and leases that run or wait, and whose id is `text` or whose name has it in it, whatever the case. */
export function findTasks<R>({ staff, queue, line }: Engine<R>, text: string, limit: number): TaskInfo[] {
  const wanted = text.toLowerCase();
  const found: TaskInfo[] = [];
  const look = (task: TaskRecord<R>): void => {
    if (found.length >= limit || !task.isOpen) return;
    const isWanted = String(task.sequence) === text || (task.extras?.name ?? '').toLowerCase().includes(wanted);
    if (isWanted) found.push(task.info());
  };
  for (const { task } of staff.places()) if (task !== undefined) look(task);
  for (const tasks of [line.waiting(), queue]) {
    for (const task of tasks) {
      if (found.length >= limit) return found;
      look(task);
    }
  }
  return found;
}
