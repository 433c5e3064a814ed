import { Heap } from '../primitives/heap.ts';
import { KeyGates } from './keys.ts';
import type { KeyGate } from './keys.ts';
import { Level } from './level.ts';
import type { Admittance, Lane } from './level.ts';
import type { TaskRecord } from './task.ts';

/** How many levels are kept, empty or not, for the next task of their priority. */
const KEPT_LEVELS = 64;

/** Options of a {@link WorkQueue}. */
export interface WorkQueueOptions {
  /** At most this many running tasks of one key; may be Infinity. */
  readonly keyConcurrency: number;
  /** A task counts one priority higher after each so many ms of waiting; Infinity = never. */
  readonly aging: number;
}

/** What waits at one priority. */
export interface LevelSnapshot {
  readonly priority: number;
  readonly waiting: number;
  /** Milliseconds since the longest waiting of them was submitted, or since a retry's last run. */
  readonly oldestWait: number;
}

/** What waits and runs of one key. */
export interface KeySnapshot {
  readonly key: string;
  readonly waiting: number;
  readonly running: number;
}

/**
 * All tasks that wait for a worker, highest priority first.
 *
 * ```
 *   heap of levels that may have tasks      Map priority → level
 *   ┌────────┐
 *   │ prio 5 │  retries ▢▢   lanes of fresh tasks, one per key, that take turns
 *   ├────────┤
 *   │ prio 0 │  retries      lanes
 *   └────────┘                                    held: retries whose backoff has not passed
 * ```
 *
 * Adding and taking cost O(1) for a known priority and O(log levels) for a new one, removal O(1). With `aging`, taking
 * costs O(levels and keys). Tasks of priority above 0 are the priority queue, the others the main queue.
 */
export class WorkQueue<R> implements Admittance<R> {
  /** Waiting tasks of priority 0 and below, held retries included. */
  mainSize = 0;
  /** Waiting tasks of a priority above 0, held retries included. */
  prioritySize = 0;
  /** Waiting retries, held ones included. */
  retrySize = 0;
  /** Waiting tasks that no worker could start now: held retries, and those of a key beyond its cap. */
  #blocked = 0;
  readonly #held = new Set<TaskRecord<R>>();
  /** Level 0 is never pruned, and most tasks wait in its plain lane. */
  readonly #main = new Level<R>(0);
  readonly #levels = new Map<number, Level<R>>();
  readonly #heap = new Heap<Level<R>>((a, b) => a.priority > b.priority);
  readonly #gates: KeyGates<Lane<R>>;
  readonly #aging: number;
  /** The level of the last push: mostly that of the next one, too. */
  #recent: Level<R> | undefined = undefined;

  constructor(options: WorkQueueOptions) {
    this.#gates = new KeyGates(options.keyConcurrency);
    this.#aging = options.aging;
    this.#levels.set(0, this.#main);
  }

  /** All that wait, held retries included. */
  get size(): number {
    return this.mainSize + this.prioritySize;
  }

  /** Those that have not run yet. */
  get freshSize(): number {
    return this.mainSize + this.prioritySize - this.retrySize;
  }

  /** Those that free workers could start now, tasks of a key only up to its cap. */
  get readySize(): number {
    return this.mainSize + this.prioritySize - this.#blocked;
  }

  /** Adds a waiting task at the end of its priority; a retry ahead of the fresh ones. */
  push(task: TaskRecord<R>): void {
    if (task.extras === undefined && task.priority === 0) {
      this.mainSize++;
      this.#main.pushPlain(task);
      this.#list(this.#main);
      return;
    }
    this.#count(task, 1);
    this.#enter(task);
  }

  /** Keeps a retry apart while its backoff lasts; it counts as waiting. */
  hold(task: TaskRecord<R>): void {
    this.#count(task, 1);
    this.#blocked++;
    this.#held.add(task);
  }

  /** Its backoff is over: the held retry may be started. */
  unhold(task: TaskRecord<R>): void {
    this.#held.delete(task);
    this.#blocked--;
    this.#enter(task);
  }

  /** Takes the task that comes first if that is one without options, and none of another kind waits; else see {@link shift}. */
  shiftPlain(): TaskRecord<R> | undefined {
    const { plain } = this.#main;
    if (this.mainSize !== plain.size || this.prioritySize > 0) return undefined;
    if (plain.first === undefined || plain.first.extras !== undefined) return undefined;
    this.mainSize--;
    return plain.shift();
  }

  /** Takes the task that comes first. `now` is the clock's time, for aging. */
  shift(now: number): TaskRecord<R> | undefined {
    const task = this.#aging === Infinity ? this.#shiftStrict() : this.#shiftAged(now);
    if (task === undefined) return undefined;
    this.#count(task, -1);
    this.#left(task, 1);
    return task;
  }

  /** Takes any waiting task, whoever may start it; held retries stay. For a queue that is given up. */
  takeAny(): TaskRecord<R> | undefined {
    for (const level of this.#levels.values()) {
      for (const task of level) {
        this.remove(task);
        return task;
      }
    }
    return undefined;
  }

  /** Takes out a task that waits here, before it is settled. */
  remove(task: TaskRecord<R>): void {
    this.#count(task, -1);
    if (this.#held.delete(task)) {
      this.#blocked--;
      return;
    }
    this.#levels.get(task.priority)?.remove(task);
    this.#left(task, 0);
  }

  /** Moves a waiting task to the end of another priority. */
  reprioritize(task: TaskRecord<R>, priority: number): void {
    const isHeld = this.#held.has(task);
    this.remove(task);
    task.priority = priority;
    if (isHeld) {
      this.hold(task);
      return;
    }
    this.#count(task, 1);
    this.#enter(task);
  }

  /** A task of that key has ended. */
  leave(key: string): void {
    const gate = this.#countKey(key, 0, -1);
    for (const lane of gate.parked) {
      lane.level.list(lane);
      this.#list(lane.level);
    }
    gate.parked = [];
  }

  /** The oldest or newest fresh task of the lowest priority that has one. */
  lowest(end: 'oldest' | 'newest'): TaskRecord<R> | undefined {
    let lowest: { priority: number; task: TaskRecord<R> } | undefined;
    for (const level of this.#levels.values()) {
      if (level.size === 0 || (lowest !== undefined && level.priority > lowest.priority)) continue;
      const task = level.fresh(end);
      if (task !== undefined) lowest = { priority: level.priority, task };
    }
    return lowest?.task;
  }

  /** Since when the task has waited that has waited longest for a worker; Infinity if none waits. */
  oldest(): number {
    let oldest = Infinity;
    for (const level of this.#levels.values()) oldest = Math.min(oldest, level.oldest());
    return oldest;
  }

  /** Every waiting task: by level, the held ones last. */
  *[Symbol.iterator](): IterableIterator<TaskRecord<R>> {
    for (const level of this.#levels.values()) yield* level;
    yield* this.#held;
  }

  /** What waits at each priority, the highest first; held retries are not among it. */
  snapshot(now: number): LevelSnapshot[] {
    return [...this.#levels.values()]
      .filter((level) => level.size > 0)
      .map((level) => ({ priority: level.priority, waiting: level.size, oldestWait: now - level.oldest() }))
      .toSorted((a, b) => b.priority - a.priority);
  }

  /** What waits and runs of each key. */
  keys(): KeySnapshot[] {
    return [...this.#gates].map(({ key, waiting, running }) => ({ key, waiting, running }));
  }

  isOpen(gate: KeyGate<Lane<R>>): boolean {
    return this.#gates.isOpen(gate);
  }

  accepts(retry: TaskRecord<R>): boolean {
    const { key } = retry;
    return key === undefined || this.#gates.isOpen(this.#gates.gate(key));
  }

  #shiftStrict(): TaskRecord<R> | undefined {
    let passedOver: Level<R>[] | undefined;
    let task: TaskRecord<R> | undefined;
    for (let level = this.#heap.peek(); level !== undefined; level = this.#heap.peek()) {
      task = level.shift(this);
      if (task !== undefined) break;
      this.#heap.pop();
      if (level.retries.size > 0) {
        passedOver ??= []; // retries whose key is at its cap
        passedOver.push(level);
      } else {
        level.isListed = false;
        this.#prune(level);
      }
    }
    if (passedOver !== undefined) for (const level of passedOver) this.#heap.push(level);
    return task;
  }

  #shiftAged(now: number): TaskRecord<R> | undefined {
    const rank = (task: TaskRecord<R>): number => task.priority + Math.floor((now - task.queuedAt) / this.#aging);
    let from: Level<R> | undefined;
    let best: TaskRecord<R> | undefined;
    for (const level of this.#levels.values()) {
      const task = level.size > 0 ? level.best(this, rank) : undefined;
      if (task === undefined || (best !== undefined && !isAhead(task, best, rank))) continue;
      from = level;
      best = task;
    }
    if (from === undefined || best === undefined) return undefined;
    from.take(best);
    this.#prune(from);
    return best;
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
    const { key } = task;
    let gate: KeyGate<Lane<R>> | undefined;
    if (key !== undefined) gate = this.#countKey(key, 1, 0);
    level.push(task, gate);
    this.#list(level);
  }

  /** A task was taken out of its level, to run or not. */
  #left(task: TaskRecord<R>, running: 1 | 0): void {
    const { key } = task;
    if (key !== undefined) this.#countKey(key, -1, running);
  }

  /** Counts tasks of a key that have begun or ceased to wait or run. */
  #countKey(key: string, waiting: 1 | 0 | -1, running: 1 | 0 | -1): KeyGate<Lane<R>> {
    const startable = this.#gates.startable;
    const gate = this.#gates.count(key, waiting, running);
    this.#blocked += waiting - (this.#gates.startable - startable);
    return gate;
  }

  #list(level: Level<R>): void {
    if (level.isListed || this.#aging < Infinity) return;
    level.isListed = true;
    this.#heap.push(level);
  }

  /** Forgets a level that has run dry, unless there are few. */
  #prune(level: Level<R>): void {
    if (level.size > 0 || this.#levels.size <= KEPT_LEVELS || level === this.#main) return;
    this.#levels.delete(level.priority);
    if (this.#recent === level) this.#recent = undefined;
  }

  #count(task: TaskRecord<R>, by: 1 | -1): void {
    if (task.priority > 0) this.prioritySize += by;
    else this.mainSize += by;
    if (task.state === 'retrying') this.retrySize += by;
  }
}

/** Order under aging: rank, then retries, then submission. */
function isAhead<R>(a: TaskRecord<R>, b: TaskRecord<R>, rank: (task: TaskRecord<R>) => number): boolean {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference > 0;
  if ((a.state === 'retrying') !== (b.state === 'retrying')) return a.state === 'retrying';
  return a.sequence < b.sequence;
}
