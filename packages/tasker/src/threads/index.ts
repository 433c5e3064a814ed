export { move } from './move.ts';
export { processes } from './processes.ts';
export { serve } from './serve.ts';
export { isThreadError, ThreadError } from './thread-error.ts';
export { threads } from './threads.ts';

export type { CallOptions, StreamOptions } from './calls.ts';
export type { ThreadHooks } from './hooks.ts';
export type {
  ArgumentsOf,
  CallName,
  DataOf,
  Exports,
  ItemOf,
  ResultOf,
  StreamName,
  ThreadCall,
  ThreadModule,
} from './module-types.ts';
export type { ThreadLimits, ThreadOptions, ThreadOutput, ThreadSource, ThreadWorker } from './options.ts';
export type { ProcessOptions } from './process-options.ts';
export type { Thread } from './thread.ts';
export type { ThreadErrorCode } from './thread-error.ts';
