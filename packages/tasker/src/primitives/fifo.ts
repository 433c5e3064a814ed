/** What a {@link Fifo} keeps in its items; it alone writes it. */
export interface Slotted {
  /** Where the item waits; -1 while it is in no queue. */
  slot: number;
}

const MIN_CAPACITY = 8;

/** Below this the ring is not worth shrinking: 1,024 slots are 8 KB. */
const SHRINK_ABOVE = 1_024;

/** Slots are numbered up to this and then from 0 again, so that they stay small integers. */
const SLOTS = 2 ** 30 - 1;

/**
 * First in, first out, on a ring buffer; an item can also leave from the middle. Everything is O(1) amortized.
 *
 * ```
 *   ring   ┌───┬───┬───┬───┬───┬───┬───┬───┐
 *          │ E │ F │   │   │ A │   │ C │ D │    B has left: a hole, which is skipped when it comes to the front
 *          └───┴───┴───┴───┴───┴───┴───┴───┘
 *                    ▲       ▲
 *                   tail    head       capacity: a power of two, so that `& mask` wraps around
 * ```
 *
 * Each item knows its slot, which costs 8 bytes, 16 less than links to its neighbours would. The ring doubles when it is
 * full of items, closes its holes when it is full of those, and halves when it is seven eighths empty.
 *
 * Invariant: an item is in at most one queue. Neither the first nor the last slot in use is a hole.
 */
export class Fifo<T extends Slotted> {
  size = 0;
  // Plain private fields and not #private ones: these are the hottest loads of a submission.
  private ring: (T | undefined)[] = emptyRing<T>(MIN_CAPACITY);
  private mask = MIN_CAPACITY - 1;
  private head = 0;
  private tail = 0;

  get first(): T | undefined {
    return this.ring[this.head & this.mask];
  }

  get last(): T | undefined {
    return this.ring[(this.tail - 1) & this.mask];
  }

  push(item: T): void {
    if (((this.tail - this.head) & SLOTS) > this.mask)
      this.resize(this.size * 2 > this.mask ? this.ring.length * 2 : this.ring.length);
    item.slot = this.tail;
    this.ring[this.tail & this.mask] = item;
    this.tail = (this.tail + 1) & SLOTS;
    this.size++;
  }

  shift(): T | undefined {
    const { ring, mask, head } = this;
    const first = ring[head & mask];
    if (first === undefined) return undefined;
    ring[head & mask] = undefined;
    this.head = (head + 1) & SLOTS;
    first.slot = -1;
    this.size--;
    const isHole = this.size > 0 && ring[this.head & mask] === undefined;
    if (isHole || (mask > SHRINK_ABOVE && this.size * 8 < mask)) this.tidy();
    return first;
  }

  /** Takes out an item that is in this queue. */
  remove(item: T): void {
    this.ring[item.slot & this.mask] = undefined;
    item.slot = -1;
    this.size--;
    this.tidy();
  }

  /** Restores the invariant after a removal, and gives back memory. */
  private tidy(): void {
    if (this.size === 0) this.head = this.tail;
    while (this.first === undefined && this.size > 0) this.head = (this.head + 1) & SLOTS;
    while (this.last === undefined && this.size > 0) this.tail = (this.tail - 1) & SLOTS;
    if (this.mask > SHRINK_ABOVE && this.size * 8 < this.mask) this.resize(this.ring.length / 2);
  }

  /** From first to last. The queue must not change meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let slot = this.head; slot !== this.tail; slot = (slot + 1) & SLOTS) {
      const item = this.ring[slot & this.mask];
      if (item !== undefined) yield item;
    }
  }

  /** Moves to a ring of that capacity, without the holes. */
  private resize(capacity: number): void {
    const next = emptyRing<T>(capacity);
    let count = 0;
    for (let slot = this.head; slot !== this.tail; slot = (slot + 1) & SLOTS) {
      const item = this.ring[slot & this.mask];
      if (item === undefined) continue;
      item.slot = count;
      next[count++] = item;
    }
    this.ring = next;
    this.mask = capacity - 1;
    this.head = 0;
    this.tail = count;
  }
}

function emptyRing<T>(capacity: number): (T | undefined)[] {
  const ring: (T | undefined)[] = [];
  ring.length = capacity;
  return ring;
}
