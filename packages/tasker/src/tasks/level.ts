import { Deque } from '../primitives/deque.ts';
import type { KeyGate } from './keys.ts';
import { LinkedList } from '../primitives/linked-list.ts';
import type { TaskRecord } from './task.ts';

/** The fresh tasks of one key at one priority. */
export class Lane<R> {
  readonly level: Level<R>;
  /** Undefined for the lane of all tasks without a key. */
  readonly gate: KeyGate<Lane<R>> | undefined;
  readonly tasks: LinkedList<TaskRecord<R>> = new LinkedList<TaskRecord<R>>();
  /** Whether the level's ring holds it. */
  isListed = false;

  constructor(level: Level<R>, gate: KeyGate<Lane<R>> | undefined) {
    this.level = level;
    this.gate = gate;
  }
}

/** Who knows which tasks may start now. */
export interface Admittance<R> {
  /** Whether the key may have one more running task. */
  isOpen(gate: KeyGate<Lane<R>>): boolean;
  /** Whether this retry may start on the worker at hand. */
  accepts(retry: TaskRecord<R>): boolean;
}

/**
 * The waiting tasks of one priority: retries first, then the fresh ones, key by key in turn.
 *
 * ```
 *   retries   ▢▢
 *   ring      lane a ▢▢▢   lane – ▢▢▢▢   lane c ▢        the first lane gives one task and goes to the end
 *   parked    lane b ▢▢                                  its key is at its cap; the key's gate brings it back
 * ```
 */
export class Level<R> {
  readonly priority: number;
  /** Whether the queue's heap holds this level. Owned by the queue. */
  isListed = false;
  readonly retries: LinkedList<TaskRecord<R>> = new LinkedList<TaskRecord<R>>();
  /** Waiting tasks, parked ones included. */
  size = 0;
  /** Whether each lane, and the retries, are in the order of their waiting: moved tasks and backoffs break it. */
  #isByAge = true;
  readonly #plain: Lane<R> = new Lane<R>(this, undefined);
  readonly #keyed = new Map<string, Lane<R>>();
  /** Lanes with tasks whose turn may come; one whose last task was removed is dropped when it is met. */
  readonly #ring = new Deque<Lane<R>>();

  constructor(priority: number) {
    this.priority = priority;
  }

  push(task: TaskRecord<R>, gate: KeyGate<Lane<R>> | undefined): void {
    if (this.size === 0) this.#isByAge = true;
    this.size++;
    if (task.state === 'retrying') {
      if (task.finishedAt < (this.retries.last?.finishedAt ?? -1)) this.#isByAge = false;
      this.retries.push(task);
      return;
    }
    const lane = this.#lane(gate);
    if (task.sequence < (lane.tasks.last?.sequence ?? -1)) this.#isByAge = false;
    lane.tasks.push(task);
    if (gate?.parked.includes(lane) !== true) this.list(lane);
  }

  /** Puts a lane at the end of the ring. */
  list(lane: Lane<R>): void {
    if (lane.isListed) return;
    lane.isListed = true;
    this.#ring.push(lane);
  }

  /** Takes the task that comes first among those that may start. */
  shift(admittance: Admittance<R>): TaskRecord<R> | undefined {
    for (const retry of this.retries) {
      if (!admittance.accepts(retry)) continue;
      this.remove(retry);
      return retry;
    }
    for (let lane = this.#ring.peek(); lane !== undefined; lane = this.#ring.peek()) {
      if (lane.tasks.first === undefined) {
        this.#unlist(lane);
      } else if (lane.gate !== undefined && !admittance.isOpen(lane.gate)) {
        this.#unlist(lane);
        lane.gate.parked.push(lane);
      } else {
        return this.#take(lane);
      }
    }
    return undefined;
  }

  /** The task that would come first by age: the head with the best rank, in turn where ranks are equal. */
  best(admittance: Admittance<R>, rank: (task: TaskRecord<R>) => number): TaskRecord<R> | undefined {
    let best: TaskRecord<R> | undefined;
    const offer = (task: TaskRecord<R>): void => {
      if (best === undefined || rank(task) > rank(best)) best = task;
    };
    for (const retry of this.retries) if (admittance.accepts(retry)) offer(retry);
    for (const lane of this.#ring) {
      const { first } = lane.tasks;
      if (first !== undefined && (lane.gate === undefined || admittance.isOpen(lane.gate))) offer(first);
    }
    return best;
  }

  /** Takes out a task that `best` has named: its lane goes to the end of the ring. */
  take(task: TaskRecord<R>): void {
    if (task.state === 'retrying') {
      this.remove(task);
      return;
    }
    const lane = task.key === undefined ? this.#plain : this.#keyed.get(task.key);
    this.remove(task);
    if (lane === undefined) return;
    this.#ring.filter((other) => other !== lane);
    lane.isListed = false;
    if (lane.tasks.size > 0) this.list(lane);
  }

  /** Takes out a task that waits here. */
  remove(task: TaskRecord<R>): void {
    task.list?.remove(task);
    this.size--;
    const { key } = task;
    if (key === undefined) return;
    const lane = this.#keyed.get(key);
    if (lane !== undefined && lane.tasks.size === 0) this.#forget(lane, key);
  }

  /** The oldest or newest fresh task; one that was moved counts as newer than those it was moved behind. */
  fresh(end: 'oldest' | 'newest'): TaskRecord<R> | undefined {
    let found: TaskRecord<R> | undefined;
    for (const { tasks } of this.#lanes()) {
      const task = end === 'oldest' ? tasks.first : tasks.last;
      if (task === undefined) continue;
      if (found === undefined || (end === 'oldest') === task.sequence < found.sequence) found = task;
    }
    return found;
  }

  /** Since when the task waits that has waited longest for a worker; Infinity if none waits. */
  oldest(): number {
    if (this.#isByAge) return Math.min(this.fresh('oldest')?.queuedAt ?? Infinity, waitsSince(this.retries.first));
    let oldest = Infinity;
    for (const task of this) oldest = Math.min(oldest, waitsSince(task));
    return oldest;
  }

  *[Symbol.iterator](): IterableIterator<TaskRecord<R>> {
    yield* this.retries;
    for (const lane of this.#lanes()) yield* lane.tasks;
  }

  *#lanes(): IterableIterator<Lane<R>> {
    yield this.#plain;
    yield* this.#keyed.values();
  }

  #lane(gate: KeyGate<Lane<R>> | undefined): Lane<R> {
    if (gate === undefined) return this.#plain;
    let lane = this.#keyed.get(gate.key);
    if (lane === undefined) {
      lane = new Lane(this, gate);
      this.#keyed.set(gate.key, lane);
    }
    return lane;
  }

  #take(lane: Lane<R>): TaskRecord<R> | undefined {
    const task = lane.tasks.first;
    if (task === undefined) return undefined;
    if (this.#ring.size > 1) {
      this.#unlist(lane);
      if (lane.tasks.size > 1) this.list(lane);
    }
    this.remove(task);
    return task;
  }

  #unlist(lane: Lane<R>): void {
    this.#ring.shift();
    lane.isListed = false;
  }

  /** The last task of a key has left this level. */
  #forget(lane: Lane<R>, key: string): void {
    this.#keyed.delete(key);
    const { gate } = lane;
    if (gate !== undefined) gate.parked = gate.parked.filter((other) => other !== lane);
  }
}

/** Since when a task waits for a worker: its submission, or the end of its last run. */
function waitsSince<R>(task: TaskRecord<R> | undefined): number {
  if (task === undefined) return Infinity;
  return task.state === 'retrying' ? task.finishedAt : task.queuedAt;
}
