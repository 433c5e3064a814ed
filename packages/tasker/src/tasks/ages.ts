import { Heap } from '../primitives/heap.ts';
import type { Lane } from './lane.ts';
import type { TaskRecord } from './task.ts';

/** A task that came to its lane although it had waited longer than one before it. */
export interface Stray<R> {
  readonly task: TaskRecord<R>;
  readonly since: number;
}

/** Strays that wait no more are looked for when there are this many, and more of them than of waiting tasks. */
const SWEEP_ABOVE = 64;

/**
 * Knows since when the task has waited that has waited longest, though tasks are moved and backoffs end in any order.
 *
 * Most tasks come to a lane in the order of their submission: of those the first is the oldest. The others, strays, are
 * kept in a heap besides: retries, which wait since the end of their last run, and tasks that were moved. Both heaps are
 * brought up to date only when they are asked, at O(log n) for each task that has come or gone since.
 *
 * Invariant: of the tasks of a lane that are not among the strays, none has waited longer than the first, nor since
 * before the lane's `since`.
 */
export class Ages<R> {
  readonly #lanes = new Heap<Lane<R>>(
    (a, b) => a.since < b.since,
    (lane, slot) => (lane.ageSlot = slot),
  );
  readonly #strays = new Heap<Stray<R>>((a, b) => a.since < b.since);
  readonly #main: Lane<R>;

  /** `main` is the lane whose tasks come and go without a word, in order: it is looked at when somebody asks. */
  constructor(main: Lane<R>) {
    this.#main = main;
  }

  /** Takes in a lane that has tasks already. */
  add(lane: Lane<R>, waiting: number): void {
    let last: TaskRecord<R> | undefined;
    for (const task of lane.tasks) {
      this.entered(lane, task, last, waiting);
      last = task;
    }
  }

  /** A task has come to the end of a lane, behind `last`; `waiting` is how many wait in all. */
  entered(lane: Lane<R>, task: TaskRecord<R>, last: TaskRecord<R> | undefined, waiting: number): void {
    const since = waitsSince(task);
    if (lane.isRetry) {
      this.#stray(task, since, waiting);
      return;
    }
    if (last !== undefined) {
      lane.youngest = Math.max(lane.youngest, last.queuedAt);
    } else {
      lane.youngest = since;
      if (lane !== this.#main) this.#list(lane, since);
    }
    if (since < lane.youngest) this.#stray(task, since, waiting);
    else lane.youngest = since;
  }

  /** The lane is empty and will not be used again. */
  forget(lane: Lane<R>): void {
    if (lane.ageSlot >= 0) this.#lanes.remove(lane.ageSlot);
  }

  /** Since when the longest waiting waits; Infinity if none waits. */
  oldest(): number {
    let lane = this.#lanes.peek();
    for (; lane !== undefined; lane = this.#lanes.peek()) {
      const since = lane.tasks.first?.queuedAt ?? Infinity;
      if (since <= lane.since) break;
      lane.since = since;
      this.#lanes.settle(0);
      if (this.#lanes.peek() === lane) break;
    }
    let stray = this.#strays.peek();
    for (; stray !== undefined && !isWaiting(stray); stray = this.#strays.peek()) this.#strays.pop();
    return Math.min(this.#main.tasks.first?.queuedAt ?? Infinity, lane?.since ?? Infinity, stray?.since ?? Infinity);
  }

  /** The tasks that may have waited longer than the first of their lane: all retries, and those that were moved. */
  *strays(): IterableIterator<Stray<R>> {
    for (const stray of this.#strays) if (isWaiting(stray)) yield stray;
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#strays.clear();
  }

  /** A lane has its first task. One that was used before may be here still, at an earlier place or at the end. */
  #list(lane: Lane<R>, since: number): void {
    if (lane.ageSlot < 0) {
      lane.since = since;
      this.#lanes.push(lane);
    } else if (since < lane.since) {
      lane.since = since;
      this.#lanes.settle(lane.ageSlot);
    }
  }

  #stray(task: TaskRecord<R>, since: number, waiting: number): void {
    this.#strays.push({ task, since });
    if (this.#strays.size > SWEEP_ABOVE && this.#strays.size > 2 * waiting) this.#sweep();
  }

  /** Forgets the strays that wait no more, and all but one of each task's. */
  #sweep(): void {
    const left = new Map<TaskRecord<R>, Stray<R>>();
    for (const stray of this.#strays) if (isWaiting(stray)) left.set(stray.task, stray);
    this.#strays.clear();
    for (const stray of left.values()) this.#strays.push(stray);
  }
}

/** Since when a task waits for a worker: its submission, or the end of its last run. */
function waitsSince<R>(task: TaskRecord<R>): number {
  return task.state === 'retrying' ? (task.extras?.failedAt ?? Infinity) : task.queuedAt;
}

/** Whether it still waits in a lane as it did. */
function isWaiting<R>({ task, since }: Stray<R>): boolean {
  return task.slot >= 0 && task.isWaiting && waitsSince(task) === since;
}
