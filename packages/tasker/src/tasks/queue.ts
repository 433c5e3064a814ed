import { Heap } from '../primitives/heap.ts';
import { Level } from './level.ts';
import type { TaskRecord } from './task.ts';

/** How many levels are kept, empty or not, for the next task of their priority. */
const KEPT_LEVELS = 16;

/**
 * All tasks that wait for a worker, highest priority first.
 *
 * ```
 *   heap of levels that have tasks          Map priority → level
 *   ┌────────┐
 *   │ prio 5 │  retries ▢▢   fresh ▢▢▢▢
 *   ├────────┤
 *   │ prio 0 │  retries      fresh ▢▢▢▢▢▢▢▢▢▢
 *   └────────┘                                    held: retries whose backoff has not passed
 * ```
 *
 * Adding and taking cost O(1) for a known priority and O(log levels) for a new one; removal leaves a tombstone and
 * costs O(1) amortized. Tasks of priority above 0 are the priority queue, the others the main queue.
 */
export class WorkQueue<R> {
  /** Waiting tasks of priority 0 and below, held retries included. */
  mainSize = 0;
  /** Waiting tasks of a priority above 0, held retries included. */
  prioritySize = 0;
  /** Waiting retries, held ones included. */
  retrySize = 0;
  readonly #held = new Set<TaskRecord<R>>();
  readonly #levels = new Map<number, Level<R>>();
  readonly #heap = new Heap<Level<R>>((a, b) => a.priority > b.priority);
  /** The level of the last push: mostly that of the next one, too. */
  #recent: Level<R> | undefined = undefined;

  /** All that wait, held retries included. */
  get size(): number {
    return this.mainSize + this.prioritySize;
  }

  /** Those that a free worker could start now. */
  get readySize(): number {
    return this.mainSize + this.prioritySize - this.#held.size;
  }

  /** Adds a waiting task at the end of its priority; a retry ahead of the fresh ones. */
  push(task: TaskRecord<R>): void {
    this.#count(task, 1);
    this.#enter(task);
  }

  /** Keeps a retry apart while its backoff lasts; it counts as waiting. */
  hold(task: TaskRecord<R>): void {
    this.#count(task, 1);
    this.#held.add(task);
  }

  /** Its backoff is over: the held retry may be started. */
  unhold(task: TaskRecord<R>): void {
    this.#held.delete(task);
    this.#enter(task);
  }

  /** Takes the task that comes first. */
  shift(): TaskRecord<R> | undefined {
    for (;;) {
      const level = this.#heap.peek();
      if (level === undefined) return undefined;
      const task = level.shift();
      if (task !== undefined) {
        this.#count(task, -1);
        return task;
      }
      this.#unlist(level);
    }
  }

  /**
   * Takes out a task that waited here, after it has left the waiting states; `wasRetry` is whether that was
   * `retrying`.
   */
  remove(task: TaskRecord<R>, wasRetry: boolean): void {
    this.#tally(task.priority, wasRetry, -1);
    if (!this.#held.delete(task)) this.#levels.get(task.priority)?.bury();
  }

  /** Since when the task has waited that has waited longest for a worker; Infinity if none waits. */
  oldest(): number {
    let oldest = Infinity;
    for (const level of this.#levels.values()) if (level.live > 0) oldest = Math.min(oldest, level.oldest());
    return oldest;
  }

  /** Every waiting task: by level, the held ones last. */
  *[Symbol.iterator](): IterableIterator<TaskRecord<R>> {
    for (const level of this.#levels.values()) yield* level;
    yield* this.#held;
  }

  #enter(task: TaskRecord<R>): void {
    let level = this.#recent;
    if (level === undefined || level.priority !== task.priority) {
      level = this.#levels.get(task.priority);
      if (level === undefined) {
        level = new Level(task.priority);
        this.#levels.set(task.priority, level);
      }
      this.#recent = level;
    }
    level.push(task);
    if (!level.isListed) {
      level.isListed = true;
      this.#heap.push(level);
    }
  }

  /** The topmost level has run dry. */
  #unlist(level: Level<R>): void {
    this.#heap.pop();
    level.isListed = false;
    if (this.#levels.size <= KEPT_LEVELS) return;
    this.#levels.delete(level.priority);
    if (this.#recent === level) this.#recent = undefined;
  }

  #count(task: TaskRecord<R>, by: 1 | -1): void {
    this.#tally(task.priority, task.state === 'retrying', by);
  }

  #tally(priority: number, isRetry: boolean, by: 1 | -1): void {
    if (priority > 0) this.prioritySize += by;
    else this.mainSize += by;
    if (isRetry) this.retrySize += by;
  }
}
