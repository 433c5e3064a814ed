const MIN_CAPACITY = 8;

/** Below this the ring is not worth shrinking: 512 slots are 4 KB. */
const SHRINK_ABOVE = 512;

/**
 * A queue with two ends on a ring buffer; every operation at an end is O(1) amortized.
 *
 * ```
 *   slot     0   1   2   3   4   5   6   7      capacity: a power of two, so that `& mask` wraps around
 *          ┌───┬───┬───┬───┬───┬───┬───┬───┐
 *          │ D │ E │   │   │   │ A │ B │ C │    size 5
 *          └───┴───┴───┴───┴───┴───┴───┴───┘
 *                  ▲           ▲
 *        push goes here      head: shift takes A; unshift goes to slot 4
 * ```
 *
 * The ring doubles when it is full and halves when it is seven eighths empty, so that a burst does not pin memory.
 * A removed value is no longer referenced. `undefined` may be stored, but looks like an empty deque to who takes it.
 */
export class Deque<T> {
  // Plain private fields and not #private ones: these are the hottest loads of a submission.
  private ring: (T | undefined)[];
  private mask: number;
  private head = 0;
  private length = 0;

  constructor() {
    this.ring = emptyRing<T>(MIN_CAPACITY);
    this.mask = MIN_CAPACITY - 1;
  }

  get size(): number {
    return this.length;
  }

  /** Adds at the end. */
  push(value: T): void {
    if (this.length > this.mask) this.resize(this.ring.length * 2);
    this.ring[(this.head + this.length) & this.mask] = value;
    this.length++;
  }

  /** Adds at the front. */
  unshift(value: T): void {
    if (this.length > this.mask) this.resize(this.ring.length * 2);
    this.head = (this.head - 1) & this.mask;
    this.ring[this.head] = value;
    this.length++;
  }

  /** Takes from the front. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const value = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.length--;
    this.shrink();
    return value;
  }

  /** Takes from the end. */
  pop(): T | undefined {
    if (this.length === 0) return undefined;
    const slot = (this.head + this.length - 1) & this.mask;
    const value = this.ring[slot];
    this.ring[slot] = undefined;
    this.length--;
    this.shrink();
    return value;
  }

  /** The value at the front. */
  peek(): T | undefined {
    return this.length === 0 ? undefined : this.ring[this.head];
  }

  /** The value at the end. */
  peekLast(): T | undefined {
    return this.length === 0 ? undefined : this.ring[(this.head + this.length - 1) & this.mask];
  }

  /** Forgets everything, and the memory it took. */
  clear(): void {
    this.ring = emptyRing<T>(MIN_CAPACITY);
    this.mask = MIN_CAPACITY - 1;
    this.head = 0;
    this.length = 0;
  }

  /** Drops what `keep` does not want, in place and in order. `keep` is called once for each value and must not change the deque. */
  filter(keep: (value: T) => boolean): void {
    const { ring, mask, head, length } = this;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const value = ring[(head + i) & mask] as T;
      if (keep(value)) ring[(head + kept++) & mask] = value;
    }
    for (let i = kept; i < length; i++) ring[(head + i) & mask] = undefined;
    this.length = kept;
    while (this.shrink());
  }

  /** From front to end. The deque must not change meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.length; i++) yield this.ring[(this.head + i) & this.mask] as T;
  }

  private shrink(): boolean {
    if (this.mask < SHRINK_ABOVE || this.length * 8 > this.mask) return false;
    this.resize(this.ring.length / 2);
    return true;
  }

  private resize(capacity: number): void {
    const { ring, mask, head, length } = this;
    const next = emptyRing<T>(capacity);
    for (let i = 0; i < length; i++) next[i] = ring[(head + i) & mask];
    this.ring = next;
    this.mask = capacity - 1;
    this.head = 0;
  }
}

function emptyRing<T>(capacity: number): (T | undefined)[] {
  const ring: (T | undefined)[] = [];
  ring.length = capacity;
  return ring;
}
