export { retryAfter } from 'tasker';
export { defineWorker } from './work/define-worker.ts';
export type { PlainWorker, ResourceWorker, WorkerContext, WorkerFunction } from './work/define-worker.ts';
