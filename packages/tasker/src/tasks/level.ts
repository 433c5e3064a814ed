import { Deque } from '../primitives/deque.ts';
import type { TaskRecord } from './task.ts';

/** Below this many tombstones a sweep is not worth it. */
const SWEEP_ABOVE = 32;

/** The waiting tasks of one priority: retries first, then the fresh ones, each first in first out. */
export class Level<R> {
  readonly priority: number;
  /** Tasks that really wait here; the deques may hold tombstones beside them. */
  live = 0;
  /** Whether the queue's heap holds this level. Owned by the queue. */
  isListed = false;
  readonly #retries = new Deque<TaskRecord<R>>();
  readonly #fresh = new Deque<TaskRecord<R>>();

  constructor(priority: number) {
    this.priority = priority;
  }

  push(task: TaskRecord<R>): void {
    this.live++;
    if (task.state === 'retrying') this.#retries.push(task);
    else this.#fresh.push(task);
  }

  /** The task that comes first, taken out. */
  shift(): TaskRecord<R> | undefined {
    if (this.live === 0) return undefined;
    this.live--;
    return shiftLiving(this.#retries) ?? shiftLiving(this.#fresh);
  }

  /** Forgets a task that no longer waits here: its record says so, and becomes a tombstone. */
  bury(): void {
    this.live--;
    const dead = this.#retries.size + this.#fresh.size - this.live;
    if (dead <= SWEEP_ABOVE || dead <= this.live) return;
    this.#retries.filter(isLiving);
    this.#fresh.filter(isLiving);
  }

  /** Since when the task waits that has waited longest for a worker; Infinity if none waits. */
  oldest(): number {
    const fresh = peekLiving(this.#fresh);
    const retry = peekLiving(this.#retries);
    return Math.min(fresh?.queuedAt ?? Infinity, retry?.finishedAt ?? Infinity);
  }

  *[Symbol.iterator](): IterableIterator<TaskRecord<R>> {
    for (const deque of [this.#retries, this.#fresh]) {
      for (const task of deque) if (isLiving(task)) yield task;
    }
  }
}

/** A task in a deque is dead once it left the waiting states. */
function isLiving<R>(task: TaskRecord<R>): boolean {
  return task.isWaiting;
}

function shiftLiving<R>(deque: Deque<TaskRecord<R>>): TaskRecord<R> | undefined {
  let task = deque.shift();
  while (task !== undefined && !task.isWaiting) task = deque.shift();
  return task;
}

function peekLiving<R>(deque: Deque<TaskRecord<R>>): TaskRecord<R> | undefined {
  let task = deque.peek();
  while (task !== undefined && !task.isWaiting) {
    deque.shift();
    task = deque.peek();
  }
  return task;
}
