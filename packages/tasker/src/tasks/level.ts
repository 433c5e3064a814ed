import { Fifo } from '../primitives/fifo.ts';
import type { Slotted } from '../primitives/fifo.ts';
import type { KeyGate } from './keys.ts';
import type { TaskRecord } from './task.ts';

/** The fresh tasks of one key at one priority. */
export class Lane<R> implements Slotted {
  readonly level: Level<R>;
  /** Undefined for the lane of all tasks without a key. */
  readonly gate: KeyGate<Lane<R>> | undefined;
  readonly tasks: Fifo<TaskRecord<R>> = new Fifo<TaskRecord<R>>();
  /** Its place in the level's ring. */
  slot = -1;

  constructor(level: Level<R>, gate: KeyGate<Lane<R>> | undefined) {
    this.level = level;
    this.gate = gate;
  }
}

/** Who knows which tasks may start now. */
export interface Admittance<R> {
  /** Whether the key may have one more running task. */
  isOpen(gate: KeyGate<Lane<R>>): boolean;
  /** Whether this retry may start: its key is below its cap. */
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
  readonly retries: Fifo<TaskRecord<R>> = new Fifo<TaskRecord<R>>();
  /** Waiting tasks that are not {@link plain}. */
  #others = 0;
  /** Whether each lane, and the retries, are in the order of their waiting: moved tasks and backoffs break it. */
  #isByAge = true;
  readonly #plain: Lane<R> = new Lane<R>(this, undefined);
  readonly #keyed = new Map<string, Lane<R>>();
  /** Lanes with tasks whose turn may come; one whose last task was removed is dropped when it is met. */
  readonly #ring = new Fifo<Lane<R>>();

  constructor(priority: number) {
    this.priority = priority;
  }

  /** Waiting tasks, parked ones included. */
  get size(): number {
    return this.plain.size + this.#others;
  }

  /** The fresh tasks without a key. */
  get plain(): Fifo<TaskRecord<R>> {
    return this.#plain.tasks;
  }

  /** Adds a task that has never waited: fresh, without a key, and the youngest of all. */
  pushPlain(task: TaskRecord<R>): void {
    if (!this.#isByAge) this.#isByAge = this.size === 0;
    this.#plain.tasks.push(task);
    if (this.#plain.slot < 0) this.#ring.push(this.#plain);
  }

  push(task: TaskRecord<R>, gate: KeyGate<Lane<R>> | undefined): void {
    if (this.size === 0) this.#isByAge = true;
    if (gate !== undefined || task.state === 'retrying') this.#others++;
    if (task.state === 'retrying') {
      const { last } = this.retries;
      if (last !== undefined && waitsSince(task) < waitsSince(last)) this.#isByAge = false;
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
    if (lane.slot < 0) this.#ring.push(lane);
  }

  /** Takes the task that comes first among those that may start. */
  shift(admittance: Admittance<R>): TaskRecord<R> | undefined {
    if (this.retries.size > 0) {
      for (const retry of this.retries) {
        if (!admittance.accepts(retry)) continue;
        this.remove(retry);
        return retry;
      }
    }
    for (let lane = this.#ring.first; lane !== undefined; lane = this.#ring.first) {
      const task = lane.tasks.first;
      if (task === undefined) {
        this.#ring.shift();
      } else if (lane.gate !== undefined && !admittance.isOpen(lane.gate)) {
        this.#ring.shift();
        lane.gate.parked.push(lane);
      } else {
        if (this.#ring.size > 1) {
          this.#ring.shift();
          if (lane.tasks.size > 1) this.#ring.push(lane);
        }
        this.remove(task);
        return task;
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
    const lane = this.#laneOf(task);
    this.remove(task);
    if (lane === undefined || lane.slot < 0) return;
    this.#ring.remove(lane);
    if (lane.tasks.size > 0) this.#ring.push(lane);
  }

  /** Takes out a task that waits here. */
  remove(task: TaskRecord<R>): void {
    const lane = task.state === 'retrying' ? undefined : this.#laneOf(task);
    if (lane !== this.#plain) this.#others--;
    if (lane === undefined) this.retries.remove(task);
    else lane.tasks.remove(task);
    if (lane?.gate !== undefined && lane.tasks.size === 0) this.#forget(lane, lane.gate);
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

  /** The lane in which a fresh task waits. */
  #laneOf(task: TaskRecord<R>): Lane<R> | undefined {
    return task.key === undefined ? this.#plain : this.#keyed.get(task.key);
  }

  /** The last task of a key has left this level. */
  #forget(lane: Lane<R>, gate: KeyGate<Lane<R>>): void {
    this.#keyed.delete(gate.key);
    if (lane.slot >= 0) this.#ring.remove(lane);
    gate.parked = gate.parked.filter((other) => other !== lane);
  }
}

/** Since when a task waits for a worker: its submission, or the end of its last run. */
function waitsSince<R>(task: TaskRecord<R> | undefined): number {
  if (task === undefined) return Infinity;
  return task.state === 'retrying' ? (task.extras?.failedAt ?? Infinity) : task.queuedAt;
}
