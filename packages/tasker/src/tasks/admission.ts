import type { TaskerError } from '../primitives/errors.ts';
import type { WorkQueue } from './queue.ts';
import type { TaskRecord } from './task.ts';

/** How the queue is bounded, see `TaskManagerConfig`. */
export interface AdmissionOptions {
  readonly maxQueueSize: number;
  readonly onFull: 'reject' | 'drop-oldest' | 'drop-lowest';
}

/** Which task of the lowest priority goes for a newcomer; undefined if none does. */
export function droppedEnd({ maxQueueSize, onFull }: AdmissionOptions): 'oldest' | 'newest' | undefined {
  if (maxQueueSize === Infinity || onFull === 'reject') return undefined;
  return onFull === 'drop-oldest' ? 'oldest' : 'newest';
}

/** Decides whether a newcomer may wait when the queue is full, and who has to go for it. */
export class Admission<R> {
  /** Whether the queue has a bound at all. */
  readonly isBounded: boolean;
  readonly #options: AdmissionOptions;
  readonly #queue: WorkQueue<R>;
  readonly #places: () => number;

  /** `places` tells for how many tasks there is a free place, or one to be made. */
  constructor(options: AdmissionOptions, queue: WorkQueue<R>, places: () => number) {
    this.isBounded = options.maxQueueSize < Infinity;
    this.#options = options;
    this.#queue = queue;
    this.#places = places;
  }

  /** Whether one more task would have to wait beyond the bound. */
  get isFull(): boolean {
    // Places are counted only if that decides.
    return this.isBounded && this.#queue.freshSize >= this.#options.maxQueueSize && this.excess >= 0;
  }

  /** By how many the waiting tasks are beyond the bound: below 0 there is room. */
  get excess(): number {
    return this.#queue.freshSize - this.#places() - this.#options.maxQueueSize;
  }

  /** The waiting task that goes for the newcomer; undefined if the newcomer is refused. Asked only when full. */
  victim(newcomer: TaskRecord<R>): TaskRecord<R> | undefined {
    const task = this.#queue.lowest();
    if (task === undefined || newcomer.priority < task.priority) return undefined;
    return this.#options.onFull === 'drop-lowest' && newcomer.priority === task.priority ? undefined : task;
  }

  /** The error of a refused newcomer. */
  fullError(task: TaskRecord<R>): TaskerError {
    const what = `was refused, since the queue is full: maxQueueSize is ${this.#options.maxQueueSize}`;
    return task.error('QUEUE_FULL', what, {}, 'cancelled');
  }

  /** The error of a task that was pushed out. */
  droppedError(task: TaskRecord<R>): TaskerError {
    const what = `was dropped for another one: maxQueueSize is ${this.#options.maxQueueSize}`;
    return task.error('DROPPED', what, {}, 'cancelled');
  }
}
