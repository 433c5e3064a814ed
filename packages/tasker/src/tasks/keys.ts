/** The running and waiting tasks of one key, over all priorities. */
export class KeyGate {
  readonly key: string;
  running = 0;
  waiting = 0;

  constructor(key: string) {
    this.key = key;
  }
}

/**
 * Keeps the running tasks of each key at or below a cap, and knows how many waiting tasks could start.
 *
 * Invariant: `startable` = sum over keys of min(waiting, cap - running), not below 0.
 */
export class KeyGates {
  startable = 0;
  readonly #cap: number;
  readonly #gates = new Map<string, KeyGate>();

  /** `cap` may be Infinity. */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** The gate of a key; made when it is first asked for, forgotten when nothing of the key waits or runs. */
  gate(key: string): KeyGate {
    let gate = this.#gates.get(key);
    if (gate === undefined) {
      gate = new KeyGate(key);
      this.#gates.set(key, gate);
    }
    return gate;
  }

  isOpen(gate: KeyGate): boolean {
    return gate.running < this.#cap;
  }

  /** Counts tasks of a key that have begun or ceased to wait or run. */
  count(key: string, waiting: 1 | 0 | -1, running: 1 | 0 | -1): KeyGate {
    const gate = this.gate(key);
    const before = this.#startable(gate);
    gate.waiting += waiting;
    gate.running += running;
    this.startable += this.#startable(gate) - before;
    if (gate.waiting === 0 && gate.running === 0) this.#gates.delete(key);
    return gate;
  }

  *[Symbol.iterator](): IterableIterator<KeyGate> {
    yield* this.#gates.values();
  }

  #startable(gate: KeyGate): number {
    return Math.max(0, Math.min(gate.waiting, this.#cap - gate.running));
  }
}
