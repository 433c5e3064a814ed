import { Fifo } from '../primitives/fifo.ts';
import type { Heap } from '../primitives/heap.ts';
import type { KeyGate } from './keys.ts';
import type { TaskRecord } from './task.ts';

/**
 * Waiting tasks of one priority that start in the order of the lane: the fresh ones of one key, or retries. Only its
 * first task competes with those of other lanes.
 */
export class Lane<R> {
  readonly priority: number;
  readonly isRetry: boolean;
  /** What it is called among the lanes of its priority: a key, undefined for tasks without one. */
  readonly name: unknown;
  /** Its key; undefined for tasks without one, and for retries that no cap concerns. */
  readonly gate: KeyGate | undefined;
  readonly tasks: Fifo<TaskRecord<R>> = new Fifo<TaskRecord<R>>();
  /** When its turn is, beside lanes of the same priority. Owned, like the two slots, by {@link StrictOrder}. */
  turn = 0;
  slot = -1;
  gateSlot = -1;
  /** Not later than the submission of any of its tasks that came in order. Owned, like the next two, by {@link Ages}. */
  since = 0;
  /** The latest submission of those that have come since it was empty. */
  youngest: number = -Infinity;
  ageSlot = -1;
  /** Owned by {@link DropOrder}. */
  dropSlot = -1;

  constructor(priority: number, isRetry: boolean, name: unknown, gate: KeyGate | undefined) {
    this.priority = priority;
    this.isRetry = isRetry;
    this.name = name;
    this.gate = gate;
  }
}

/** Which lane gives the next task. It is told of everything that changes the first task of a lane. */
export interface StartOrder<R> {
  /** The lane has another first task than before, or none. */
  changed(lane: Lane<R>): void;
  /** The lane has given its first task away to be run: its turn is over. */
  served(lane: Lane<R>): void;
  /** The key may start tasks now that it could not before, or the other way round: its cap, its rate or a pause. */
  gateChanged(gate: KeyGate): void;
  /** The lane whose first task comes first of those of the key, whether it may start or not. `now` is the clock's time. */
  firstOf(gate: KeyGate, now: number): Lane<R> | undefined;
  /** The lane whose first task comes first of those that may start. `now` is the clock's time. */
  next(now: number): Lane<R> | undefined;
}

/** Brings a heap of lanes in line with one of them, which is in that slot or, below 0, in none. */
export function relist<R>(heap: Heap<Lane<R>>, lane: Lane<R>, slot: number): void {
  if (lane.tasks.size === 0) {
    if (slot >= 0) heap.remove(slot);
  } else if (slot < 0) {
    heap.push(lane);
  } else {
    heap.settle(slot);
  }
}
