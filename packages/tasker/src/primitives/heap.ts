/**
 * A binary heap: the value that comes before all others is at hand, push, pop, remove and settle are O(log n).
 *
 * ```
 *            0
 *          ┌─┴─┐         the children of slot i are 2i + 1 and 2i + 2;
 *          1   2         no child comes before its parent
 *        ┌─┴┐ ┌┴─
 *        3  4 5
 * ```
 *
 * Values that are equal to `before` come in no particular order.
 */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #placed: (value: T, slot: number) => void;
  readonly #items: T[] = [];

  /**
   * `before(a, b)` tells whether `a` comes strictly before `b`; a value whose rank changes while it is inside must be
   * settled before anything else is done. `placed` is told the slot of each value whenever it changes, -1 once it is
   * out: for those who want to remove or settle one.
   */
  constructor(before: (a: T, b: T) => boolean, placed: (value: T, slot: number) => void = () => {}) {
    this.#before = before;
    this.#placed = placed;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first value. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(value: T): void {
    const slot = this.#items.length;
    this.#put(value, slot);
    this.#rise(value, slot);
  }

  /** Takes the first value. */
  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(0);
    return first;
  }

  /** Takes out the value in that slot. */
  remove(slot: number): void {
    const items = this.#items;
    const value = items[slot] as T;
    const last = items.pop() as T;
    if (slot < items.length) {
      this.#put(last, slot);
      this.settle(slot);
    }
    this.#placed(value, -1);
  }

  /** The rank of the value in that slot has changed: brings it where it belongs. */
  settle(slot: number): void {
    const value = this.#items[slot] as T;
    if (this.#rise(value, slot) === slot) this.#sink(value, slot);
  }

  clear(): void {
    for (const value of this.#items) this.#placed(value, -1);
    this.#items.length = 0;
  }

  /** In no particular order. The heap must not change meanwhile. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  #rise(value: T, from: number): number {
    const items = this.#items;
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const parent = items[above] as T;
      if (!this.#before(value, parent)) break;
      this.#put(parent, slot);
      slot = above;
    }
    if (slot !== from) this.#put(value, slot);
    return slot;
  }

  #sink(value: T, from: number): void {
    const items = this.#items;
    const before = this.#before;
    const size = items.length;
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= size) break;
      if (child + 1 < size && before(items[child + 1] as T, items[child] as T)) child++;
      if (!before(items[child] as T, value)) break;
      this.#put(items[child] as T, slot);
      slot = child;
    }
    if (slot !== from) this.#put(value, slot);
  }

  #put(value: T, slot: number): void {
    this.#items[slot] = value;
    this.#placed(value, slot);
  }
}
