import { Heap } from '../primitives/heap.ts';
import { relist } from './lane.ts';
import type { Lane } from './lane.ts';
import type { TaskRecord } from './task.ts';

/**
 * Which fresh task goes for a newcomer when the queue is full: of the lowest priority that has one the oldest, or the
 * newest. A task that was moved behind others of its lane counts as newer than they. O(log lanes) for each change.
 */
export class DropOrder<R> {
  readonly #end: 'oldest' | 'newest';
  readonly #lanes: Heap<Lane<R>>;

  constructor(end: 'oldest' | 'newest') {
    this.#end = end;
    this.#lanes = new Heap(
      (a, b) => {
        if (a.priority !== b.priority) return a.priority < b.priority;
        const difference = (this.#candidate(a)?.sequence ?? 0) - (this.#candidate(b)?.sequence ?? 0);
        return end === 'oldest' ? difference < 0 : difference > 0;
      },
      (lane, slot) => (lane.dropSlot = slot),
    );
  }

  /** The first or last task of the lane is another than before, or it has none. */
  changed(lane: Lane<R>): void {
    if (!lane.isRetry) relist(this.#lanes, lane, lane.dropSlot);
  }

  get task(): TaskRecord<R> | undefined {
    const lane = this.#lanes.peek();
    return lane && this.#candidate(lane);
  }

  #candidate({ tasks }: Lane<R>): TaskRecord<R> | undefined {
    return this.#end === 'oldest' ? tasks.first : tasks.last;
  }
}
