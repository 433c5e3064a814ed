export { defineTasks } from './tasks/define-tasks.ts';
export { connect } from './client/connect.ts';
export { createWorker } from './worker/create-worker.ts';
export { DistributedError, isDistributedError } from './basics/distributed-error.ts';

export type { DistributedErrorCode } from './basics/distributed-error.ts';
export type { QueueStats, TaskClient, TaskId, WorkerPresence } from './client/task-client.ts';
export type { ConnectOptions } from './client/connect.ts';
export type { Schedule } from './client/schedules.ts';
export type {
  BulkOptions,
  MapOptions,
  QueueOptions,
  ResultOptions,
  SettledMapOptions,
  SubmitOptions,
} from './client/submit-options.ts';
export type {
  DistributedFunction,
  DistributedTask,
  InputOf,
  InputOfRun,
  NamedTask,
  OutputOfRun,
  ResultOf,
  TaskDefinition,
} from './tasks/define-tasks.ts';
export type { DistributedContext } from './tasks/task-context.ts';
export type { Telemetry } from './engine/telemetry.ts';
export type { Manageable, RunOptions, TaskWorker, WorkerStats } from './worker/task-worker.ts';
export type { PlainWorkerConfig, WorkerConfig } from './worker/worker-config.ts';
