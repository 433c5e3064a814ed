import { Heap } from '../primitives/heap.ts';
import type { KeyGate } from './keys.ts';
import { relist } from './lane.ts';
import type { Lane, StartOrder } from './lane.ts';

/** The lanes of a key, and the one of them that takes part for it. */
interface Entrants<R> {
  readonly lanes: Heap<Lane<R>>;
  listed: Lane<R> | undefined;
}

/**
 * The order without aging: the highest priority, there the retries, first in first out, then the lane whose turn was
 * longest ago. All of it is O(log lanes).
 *
 * ```
 *   lanes that may start     one heap: those without a key, and for each key that may start a task its first lane
 *         ▲
 *   lanes of a key           a heap for each key
 * ```
 *
 * A key at its cap, or one that waits for its time, keeps its turn.
 */
export class StrictOrder<R> implements StartOrder<R> {
  readonly #open = new Heap<Lane<R>>(isAhead, (lane, slot) => (lane.slot = slot));
  readonly #keys = new Map<KeyGate, Entrants<R>>();
  readonly #isGated: boolean;
  readonly #isOpen: (gate: KeyGate) => boolean;
  #turns = 0;

  /** `isOpen` tells whether the key may start one more task; asked only if keys may be held back. */
  constructor(isGated: boolean, isOpen: (gate: KeyGate) => boolean) {
    this.#isGated = isGated;
    this.#isOpen = isOpen;
  }

  changed(lane: Lane<R>): void {
    const { gate } = lane;
    if (lane.isRetry) lane.turn = lane.tasks.first?.extras?.entered ?? 0;
    if (gate === undefined || !this.#isGated) {
      if (lane.slot < 0 && !lane.isRetry) lane.turn = ++this.#turns;
      relist(this.#open, lane, lane.slot);
      return;
    }
    if (lane.gateSlot < 0 && !lane.isRetry) lane.turn = ++this.#turns;
    let entrants = this.#keys.get(gate);
    if (entrants === undefined) {
      entrants = { lanes: new Heap(isAhead, (one, slot) => (one.gateSlot = slot)), listed: undefined };
      this.#keys.set(gate, entrants);
    }
    relist(entrants.lanes, lane, lane.gateSlot);
    this.#list(gate, entrants);
  }

  served(lane: Lane<R>): void {
    lane.turn = ++this.#turns;
    this.changed(lane);
  }

  gateChanged(gate: KeyGate): void {
    const entrants = this.#keys.get(gate);
    if (entrants !== undefined) this.#list(gate, entrants);
  }

  firstOf(gate: KeyGate): Lane<R> | undefined {
    return this.#keys.get(gate)?.lanes.peek();
  }

  next(): Lane<R> | undefined {
    return this.#open.peek();
  }

  /** Has the first lane of a key take part if the key may start one more, and no other. */
  #list(gate: KeyGate, entrants: Entrants<R>): void {
    const { listed } = entrants;
    const first = this.#isOpen(gate) ? entrants.lanes.peek() : undefined;
    if (listed !== undefined && listed !== first) this.#open.remove(listed.slot);
    if (first !== undefined) relist(this.#open, first, first.slot);
    entrants.listed = first;
    if (entrants.lanes.size === 0) this.#keys.delete(gate);
  }
}

function isAhead<R>(a: Lane<R>, b: Lane<R>): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.isRetry === b.isRetry ? a.turn < b.turn : a.isRetry;
}
