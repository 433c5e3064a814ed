import type { TaskInfo, WorkerKind } from '../primitives/task-info.ts';
import type { ResourceState } from '../resources/resource.ts';
import type { KeySnapshot, LevelSnapshot } from '../tasks/queue.ts';
import type { ManagerState } from './stats.ts';
import type { Worker } from './worker.ts';

/** One worker, what it does and for how long. */
export interface WorkerInfo {
  /** Unique within the manager, and never reused. */
  readonly id: number;
  readonly kind: WorkerKind;
  readonly state: ResourceState;
  /** Tasks and leases that it runs; those whose function outlived them included. */
  readonly tasks: readonly RunningInfo[];
  /** Uses of its resource so far. */
  readonly uses: number;
  /** Milliseconds since its resource came up; 0 before. */
  readonly age: number;
  /** Milliseconds since it had something to do; 0 while it has. */
  readonly idleFor: number;
}

/** One running task or lease. */
export interface RunningInfo {
  readonly task: TaskInfo;
  readonly isLease: boolean;
  /** Whether its function has outlived the task. */
  readonly isQuarantined: boolean;
  /** Milliseconds since its start. */
  readonly runningFor: number;
}

/** Every worker, lease and queue, with what each does and for how long: a copy, never live. */
export interface ManagerSnapshot {
  readonly state: ManagerState;
  /** The workers of the queues. */
  readonly workers: readonly WorkerInfo[];
  /** The waiting tasks of each priority, the highest first. */
  readonly queues: readonly LevelSnapshot[];
  /** The waiting and running tasks of each key. */
  readonly keys: readonly KeySnapshot[];
  /** The resources of `runTask`, temporary ones included. */
  readonly pool: readonly WorkerInfo[];
  /** The leases held. */
  readonly leases: readonly RunningInfo[];
  /** Tasks that wait to run again. */
  readonly retrying: readonly TaskInfo[];
}

/** Describes one worker. */
export function describeWorker<R>(worker: Worker<R>, now: number): WorkerInfo {
  const { createdAt, state } = worker.resource;
  return {
    id: worker.id,
    kind: worker.kind,
    state,
    tasks: worker.places.flatMap((place) => {
      const { task, isQuarantined } = place;
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
