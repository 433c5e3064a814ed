/**
 * A binary heap: the value that comes before all others is at hand, push and pop are O(log n).
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
  readonly #items: T[] = [];

  /** `before(a, b)` tells whether `a` comes strictly before `b`; a value's rank must not change while it is inside. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first value. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(value: T): void {
    const items = this.#items;
    const before = this.#before;
    let slot = items.length;
    items.push(value);
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const parent = items[above] as T;
      if (!before(value, parent)) break;
      items[slot] = parent;
      slot = above;
    }
    items[slot] = value;
  }

  /** Takes the first value. */
  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop() as T;
    const size = items.length;
    if (size === 0) return first;
    const before = this.#before;
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= size) break;
      if (child + 1 < size && before(items[child + 1] as T, items[child] as T)) child++;
      if (!before(items[child] as T, last)) break;
      items[slot] = items[child] as T;
      slot = child;
    }
    items[slot] = last;
    return first;
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** In no particular order. The heap must not change meanwhile. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }
}
