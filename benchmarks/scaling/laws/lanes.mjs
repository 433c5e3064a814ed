// What waits, by priority: the highest first, and first come, first served within one.

export class Lanes {
  #lanes = new Map();
  #priorities = [];

  push(priority, item) {
    let lane = this.#lanes.get(priority);
    if (!lane) {
      lane = { items: [], head: 0 };
      this.#lanes.set(priority, lane);
      this.#priorities = [...this.#lanes.keys()].toSorted((a, b) => b - a);
    }
    lane.items.push(item);
  }

  /** Takes out the next one; undefined if nothing waits. */
  shift() {
    for (const priority of this.#priorities) {
      const lane = this.#lanes.get(priority);
      if (lane.head < lane.items.length) return lane.items[lane.head++];
    }
    return undefined;
  }
}
