import type { Clock } from '../primitives/clock.ts';
import type { Supply } from '../resources/supply.ts';
import type { LoadEstimator } from '../scaling/estimator.ts';
import type { TaskWatch } from '../tasks/task-watch.ts';
import type { Staff } from '../workers/crew.ts';
import type { Worker, WorkerEnvironment } from '../workers/worker.ts';
import type { Ledger } from '../reports/ledger.ts';
import type { LoopTurns } from './loop-turns.ts';
import type { Throttle } from './throttle.ts';

/** What all on the way of a task work with, from the floors below. */
export interface FlowParts<R> {
  readonly config: FlowOptions;
  readonly staff: Staff<R>;
  readonly environment: WorkerEnvironment<R>;
  readonly supply: Supply<R>;
  readonly load: LoadEstimator;
  readonly watch: TaskWatch<R>;
  readonly ledger: Ledger<R>;
  readonly turns: LoopTurns;
  readonly throttle: Throttle;
  /** To be told when something that waited has started or left. */
  readonly dispatched: () => void;
  /** To be told of a worker or a pooled resource that can take a task. */
  readonly idle: (worker: Worker<R>) => void;
}

/** The part of the configuration that concerns workers and `runTask`. */
export interface FlowOptions {
  readonly clock: Clock;
  readonly sizes: Sizes;
  readonly isLazy: boolean;
  readonly tasksPerWorker: number;
  readonly maxTemporaryResources: number;
  readonly maxResources: number;
}

/** The sizes of a manager, which `resize()` changes. */
export interface Sizes {
  workerCount: number;
  maxWorkerCount: number;
  resourcePoolSize: number;
  /** Whether `maxWorkerCount` was given; else it follows `workerCount`. */
  isMaxGiven: boolean;
}
