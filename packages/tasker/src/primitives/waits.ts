import { inMicrotask } from './microtask.ts';
import { PrioritySearchTree } from './priority-search-tree.ts';
import type { TreeNode } from './priority-search-tree.ts';

/** Microtasks that whoever was let through has to submit, a few `await`s of its own included, before the next one is. */
const TURN = 8;

interface Waiter {
  readonly number: number;
  readonly resolve: () => void;
  node: TreeNode<Waiter> | undefined;
}

/**
 * Callers that wait for the tasks at some place to be fewer than a limit, each its own. As many are let through as there
 * is room for, in turn, so that many producers together don't fill what each saw to have room.
 *
 * Each is expected to bring one task. Who brings none holds up nobody for long: after a turn of microtasks the tasks are
 * counted again. O(log n) for each caller and each that is let through.
 */
export class Line {
  /** At their limits, in the order in which they came. */
  readonly #waiting = new PrioritySearchTree<Waiter>((a, b) => a.number < b.number);
  readonly #count: () => number;
  /** How many tasks there will be once those let through in this turn have brought theirs. */
  #expected = -Infinity;
  /** Microtasks left of the turn; 0 while there is none. */
  #left = 0;
  #callers = 0;

  /** `count` tells how many tasks there are now. */
  constructor(count: () => number) {
    this.#count = count;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves when there are fewer tasks than `limit` and its turn has come. */
  wait(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter = { number: ++this.#callers, resolve, node: undefined };
      waiter.node = this.#waiting.add(limit, waiter);
      this.changed();
    });
  }

  /** The number of tasks has changed. */
  changed(): void {
    while (this.#waiting.size > 0) {
      const count = Math.max(this.#expected, this.#count());
      const waiter = this.#waiting.above(count);
      if (waiter?.node === undefined) return;
      this.#waiting.remove(waiter.node);
      this.#expected = count + 1;
      if (this.#left === 0) {
        this.#left = TURN;
        inMicrotask(this.#tick);
      }
      waiter.resolve();
    }
  }

  readonly #tick = (): void => {
    if (--this.#left > 0) {
      inMicrotask(this.#tick);
      return;
    }
    this.#expected = -Infinity;
    this.changed();
  };
}

/** Callers that wait for the queue to shrink or for the manager to fall idle. */
export class Waits {
  /** For the size of the queue. */
  readonly sizes: Line;
  /** For room in the queue. */
  readonly room: Line;
  #idle: (() => void)[] = [];

  /** `size` tells how many tasks are queued; `beyond` how many more wait than may, 0 if the queue is just full. */
  constructor(size: () => number, beyond: () => number) {
    this.sizes = new Line(size);
    this.room = new Line(beyond);
  }

  /** How many wait for the queue to shrink. */
  get size(): number {
    return this.sizes.size + this.room.size;
  }

  /** Something has started, left or come, or there is more room. */
  changed(): void {
    if (this.sizes.size > 0) this.sizes.changed();
    if (this.room.size > 0) this.room.changed();
  }

  idle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Nothing is queued and nothing runs. */
  fellIdle(): void {
    if (this.#idle.length === 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
