/** What a {@link LinkedList} keeps in its items; it alone writes it. */
export interface Linked<T extends Linked<T>> {
  list: LinkedList<T> | undefined;
  previous: T | undefined;
  next: T | undefined;
}

/**
 * A list linked through its items: O(1) at both ends and for removal from the middle, and no memory beside the items.
 *
 * ```
 *   first ─▶ ┌────┐ ─▶ ┌────┐ ─▶ ┌────┐ ◀─ last
 *            │item│    │item│    │item│
 *            └────┘ ◀─ └────┘ ◀─ └────┘
 * ```
 *
 * Invariant: an item is in at most one list, the one its `list` names.
 */
export class LinkedList<T extends Linked<T>> {
  size = 0;
  first: T | undefined = undefined;
  last: T | undefined = undefined;

  push(item: T): void {
    const { last } = this;
    item.list = this;
    item.previous = last;
    if (last === undefined) this.first = item;
    else last.next = item;
    this.last = item;
    this.size++;
  }

  shift(): T | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes out an item that is in this list. */
  remove(item: T): void {
    const { previous, next } = item;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    item.list = undefined;
    item.previous = undefined;
    item.next = undefined;
    this.size--;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let item = this.first; item !== undefined; item = item.next) yield item;
  }
}
