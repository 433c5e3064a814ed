export { openQueue } from './engine/open-queue.ts';

export type { OpenQueue, OpenQueueOptions } from './engine/open-queue.ts';
export type { Limits } from './basics/limits.ts';
export type { Outcome, Payload } from './engine/engine.ts';
