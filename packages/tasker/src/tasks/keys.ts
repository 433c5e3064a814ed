import { RateLimiter, atMostOne } from '../primitives/gcra.ts';
import type { Cost, RateLimit } from '../primitives/gcra.ts';
import { Heap } from '../primitives/heap.ts';

/** The running and waiting tasks of one key, over all priorities. */
export class KeyGate {
  readonly key: string;
  running = 0;
  waiting = 0;
  /** Whether its tasks wait for their time: for the rate of the key, or for the end of its pause. */
  isClosed = false;
  /** When it opens; of one that is open and has nothing to do, when it may be forgotten. */
  until: number = -Infinity;
  pausedUntil: number = -Infinity;
  readonly rate: RateLimiter | undefined;
  /** Where it is among those that have an `until`, and its slot there. */
  list: Heap<KeyGate> | undefined = undefined;
  slot = -1;

  constructor(key: string, rate: RateLimiter | undefined) {
    this.key = key;
    this.rate = rate;
  }

  /** What holds its tasks back while it is closed. */
  get reason(): 'rate' | 'overload' {
    return this.until === this.pausedUntil ? 'overload' : 'rate';
  }

  /** From when on a task of that cost may start. */
  opensAt(cost: Cost): number {
    return Math.max(this.pausedUntil, this.rate?.opensAt(cost) ?? -Infinity);
  }
}

/**
 * Keeps the running tasks of each key at or below a cap and its starts at a rate, and knows how many waiting tasks could start.
 *
 * Invariants: `startable` = sum over open keys of min(waiting, cap - running, burst), not below 0; `held` = sum over closed keys of
 * waiting.
 */
export class KeyGates {
  startable = 0;
  /** Tasks that wait for the time of their key. */
  held = 0;
  readonly #cap: number;
  readonly #rate: readonly RateLimit[];
  /** The most tasks of a key that start at once. */
  readonly #burst: number;
  readonly #gates = new Map<string, KeyGate>();
  /** Closed ones for which tasks wait. */
  readonly #awaited: Heap<KeyGate> = byTime();
  /** Others that open, or may be forgotten, when their time has come: nobody need look at them then. */
  readonly #unawaited: Heap<KeyGate> = byTime();

  /** `cap` may be Infinity, and there may be no rate. */
  constructor(cap: number, rate: readonly RateLimit[] = []) {
    this.#cap = cap;
    this.#rate = rate;
    this.#burst = rate.length > 0 ? Math.floor(new RateLimiter(rate).burst) : Infinity;
  }

  /** The gate of a key; made when it is first asked for, forgotten when nothing of the key waits or runs, nor is owed. */
  gate(key: string): KeyGate {
    let gate = this.#gates.get(key);
    if (gate === undefined) {
      gate = new KeyGate(key, this.#rate.length > 0 ? new RateLimiter(this.#rate) : undefined);
      this.#gates.set(key, gate);
    }
    return gate;
  }

  isOpen(gate: KeyGate): boolean {
    return gate.running < this.#cap && !gate.isClosed;
  }

  /** Whether the key was at its cap before one of its tasks ended. */
  wasFull(gate: KeyGate): boolean {
    return gate.running + 1 === this.#cap;
  }

  /** Counts tasks of a key that have begun or ceased to wait or run. */
  count(key: string, waiting: 1 | 0 | -1, running: 1 | 0 | -1): KeyGate {
    const gate = this.gate(key);
    const before = this.#startable(gate);
    gate.waiting += waiting;
    gate.running += running;
    if (gate.isClosed) {
      this.held += waiting;
      this.#list(gate);
    }
    this.startable += this.#startable(gate) - before;
    this.#keep(gate);
    return gate;
  }

  /** The first task of the key has that cost: closes it until that may start. */
  holdBack(gate: KeyGate, cost: Cost): void {
    this.#close(gate, gate.opensAt(cost));
  }

  /** The first task of the key costs that now: a closed gate opens no later than that may start. */
  hasten(gate: KeyGate, cost: Cost): void {
    const at = gate.opensAt(cost);
    if (gate.isClosed && at < gate.until) this.#schedule(gate, at);
  }

  /** A task of that cost starts; the next of the key, if one waits, costs `next`. */
  started(gate: KeyGate, cost: Cost, now: number, next: Cost = atMostOne(cost)): void {
    gate.rate?.take(cost, now);
    if (gate.opensAt(next) > now) this.holdBack(gate, next);
  }

  /** None of its tasks starts before `until`. */
  pause(gate: KeyGate, until: number): void {
    gate.pausedUntil = Math.max(gate.pausedUntil, until);
    this.#close(gate, gate.isClosed ? Math.max(gate.until, until) : until);
  }

  /** Whether time may have a say. */
  get isTimed(): boolean {
    return this.#rate.length > 0 || this.#awaited.size + this.#unawaited.size > 0;
  }

  /** The one that opens next of those for which tasks wait; undefined if none waits. */
  get next(): KeyGate | undefined {
    return this.#awaited.peek();
  }

  /** Opens a gate whose time has come, and returns it; undefined if there is none. Forgets on the way what nobody needs any more. */
  open(now: number): KeyGate | undefined {
    for (let gate = this.#due(now); gate !== undefined; gate = this.#due(now)) {
      this.#unlist(gate);
      if (gate.isClosed) {
        gate.isClosed = false;
        this.held -= gate.waiting;
        this.startable += this.#startable(gate);
        this.#keep(gate);
        return gate;
      }
      this.#gates.delete(gate.key);
    }
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<KeyGate> {
    yield* this.#gates.values();
  }

  #due(now: number): KeyGate | undefined {
    return [this.#awaited.peek(), this.#unawaited.peek()].find((gate) => gate !== undefined && gate.until <= now);
  }

  #close(gate: KeyGate, until: number): void {
    const before = this.#startable(gate);
    if (!gate.isClosed) this.held += gate.waiting;
    gate.isClosed = true;
    this.startable -= before;
    this.#schedule(gate, until);
  }

  /** Forgets an open gate without tasks, at once or, if it has started some, when nothing is owed any more. */
  #keep(gate: KeyGate): void {
    const { waiting, running, rate } = gate;
    if (gate.isClosed) return;
    const isIdle = waiting === 0 && running === 0;
    if (isIdle && rate !== undefined && rate.restsAt > -Infinity) {
      this.#schedule(gate, rate.restsAt);
      return;
    }
    this.#unlist(gate);
    if (isIdle) this.#gates.delete(gate.key);
  }

  #schedule(gate: KeyGate, until: number): void {
    gate.until = until;
    if (gate.list !== undefined) gate.list.settle(gate.slot);
    this.#list(gate);
  }

  /** Has it where it belongs among those that have an `until`. */
  #list(gate: KeyGate): void {
    const list = gate.isClosed && gate.waiting > 0 ? this.#awaited : this.#unawaited;
    if (gate.list === list) return;
    this.#unlist(gate);
    gate.list = list;
    list.push(gate);
  }

  #unlist(gate: KeyGate): void {
    gate.list?.remove(gate.slot);
    gate.list = undefined;
  }

  #startable(gate: KeyGate): number {
    return gate.isClosed ? 0 : Math.max(0, Math.min(gate.waiting, this.#cap - gate.running, this.#burst));
  }
}

function byTime(): Heap<KeyGate> {
  return new Heap(
    (a, b) => a.until < b.until,
    (gate, slot) => (gate.slot = slot),
  );
}
