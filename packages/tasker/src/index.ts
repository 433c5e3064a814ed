import { createCollector } from './metrics/collector.ts';
import { createTaskManager, startTaskManager } from './manager/task-manager.ts';

export { createTaskManager, startTaskManager, createCollector };
export { retryAfter } from './tasks/verdict.ts';
export { eventNames } from './reports/events.ts';
export { TaskerError, isTaskerError } from './primitives/errors.ts';

export type { HealthInfo } from './flow/judge.ts';
export type { TaskManager } from './manager/task-manager.ts';
export type { ClearFilter } from './manager/call-options.ts';
export type { PlainTaskManagerConfig, SizeOptions, TaskManagerConfig } from './manager/config.ts';
export type { ErrorSource, TaskerEvents, Throttled } from './reports/events.ts';
export type { TaskHandle } from './handles/handle.ts';
export type { Lease, LeaseOptions } from './handles/lease.ts';
export type { MapFunction, MapOptions, MapOutcome, SettledMapOptions } from './handles/map.ts';
export type { ManagerLimits, ManagerSnapshot, RunningInfo, WorkerInfo } from './manager/snapshot.ts';
export type { ShutdownReport } from './reports/events.ts';
export type { ManagerState, TaskStats } from './manager/snapshot.ts';
export type { OverloadVerdict, Verdict } from './tasks/verdict.ts';
export type {
  CollectorOptions,
  MetricsCollector,
  SelectiveCollector,
  TaskLifecycleTimestamps,
  TaskMetrics,
} from './metrics/collector.ts';
export type { Logger } from './metrics/logger.ts';
export type { Clock } from './primitives/clock.ts';
export type { Cost, RateLimit } from './primitives/gcra.ts';
export type { TaskerErrorCode } from './primitives/errors.ts';
export type { TaskInfo, TaskState, WorkerKind, WorkerRef } from './primitives/task-info.ts';
export type { CreateContext, DestroyReason, ResourceState } from './resources/resource.ts';
export type { ScaleInput, ScaleReason, Scaler } from './scaling/scaler.ts';
export type { Interceptor } from './tasks/interceptors.ts';
export type { KeySnapshot, LevelSnapshot } from './tasks/queue.ts';
export type { RetryBudgetOptions, RetryPolicy, TaskRetry } from './tasks/retry-policy.ts';
export type { Task, TaskContext, TaskFunction, TaskOptions, Tasker } from './tasks/task.ts';

/** @deprecated The Go library's name; use `createTaskManager`. */
export const newTaskManager: typeof createTaskManager = createTaskManager;
/** @deprecated The Go library's name; use `createTaskManager`. */
export const newRunner: typeof createTaskManager = createTaskManager;
/** The Go library's name of `createCollector`. */
export const newCollector: typeof createCollector = createCollector;
