export { retryAfter } from 'tasker';
export { defineWorker } from './work/define-worker.ts';
export type {
  PlainTasksWorker,
  PlainWorker,
  ResourceWorker,
  TasksWorker,
  WorkerContext,
  WorkerFunction,
} from './work/define-worker.ts';
