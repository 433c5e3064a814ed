import type { Waits } from '../primitives/waits.ts';
import type { LoadEstimator } from '../scaling/estimator.ts';
import type { WorkQueue } from '../tasks/queue.ts';
import type { ReadyList } from '../workers/ready-list.ts';
import type { LoopTurns } from './loop-turns.ts';

/**
 * Knows for how long one task more or less means nothing to anybody else, so that nobody else need be asked or told of it.
 *
 * It is calm while tasks wait that a worker could start, but none is ready or no more tasks may run, nothing waits for its time, nobody for
 * room in the queue, no worker has to go, and none is to be made. That it is not calm is always right, only slower; so whoever changes one of these calls {@link disturb}.
 */
export class Calm<R> {
  /** Until when it is calm, and with up to how many waiting tasks; -Infinity if it is not. */
  until: number = -Infinity;
  size = 0;
  /** The most tasks that have waited since the last look; kept up by whoever adds one and calls no look. */
  most = 0;
  /** Whether it is known outside that nothing waits, neither a task nor who waits for room; to be cleared when that is not so. */
  isTold = false;
  /** To be set before the first task comes in. */
  scaling: Scaling = { calmUntil: -Infinity, calmSize: 0, backlog() {} };
  readonly #queue: WorkQueue<R>;
  readonly #ready: ReadyList<R>;
  readonly #waits: Waits;
  readonly #turns: LoopTurns;
  readonly #load: LoadEstimator;
  readonly #gate: StartGate;
  readonly #dispatched: () => void;

  /** `dispatched` is told that something that waited has started or left. */
  constructor(
    queue: WorkQueue<R>,
    ready: ReadyList<R>,
    waits: Waits,
    turns: LoopTurns,
    load: LoadEstimator,
    gate: StartGate,
    dispatched: () => void,
  ) {
    this.#queue = queue;
    this.#ready = ready;
    this.#waits = waits;
    this.#turns = turns;
    this.#load = load;
    this.#gate = gate;
    this.#dispatched = dispatched;
  }

  /** The next task, submitted or ended, may change more than itself. */
  disturb(): void {
    this.until = -Infinity;
  }

  /** A dispatch has ended: lets those know for whom that means something, and finds out whether it is calm. */
  look(now: number): void {
    if (this.isTold && this.#isEmpty) return;
    this.until = -Infinity;
    if (this.#isWaiting) this.scaling.backlog(now, Math.max(this.most, this.#queue.readySize));
    this.most = this.#queue.readySize;
    this.#dispatched();
    this.isTold = this.#isEmpty;
    // Afresh: the law, the logger and `onCreate` were called, and may have done anything.
    if (!this.#isWaiting || !this.#isFull || this.#waits.size > 0 || this.#gate.isTimed) return;
    this.until = Math.min(this.#turns.lookAt, this.scaling.calmUntil);
    this.size = this.scaling.calmSize;
  }

  /** Whether tasks wait for nothing but a worker. */
  get #isWaiting(): boolean {
    return this.#queue.readySize > 0 && !this.#gate.isPaused && !this.#turns.isAwaited;
  }

  /** Whether no task can start before another one has ended, and then one can. */
  get #isFull(): boolean {
    const left = this.#gate.limit - this.#load.running;
    return left === 0 || (left > 0 && this.#ready.workers.length === 0);
  }

  get #isEmpty(): boolean {
    return this.#queue.size === 0 && this.#waits.size === 0;
  }
}

/** Whether tasks may start, and up to how many at once. */
export interface StartGate {
  readonly isPaused: boolean;
  readonly limit: number;
  /** Whether it depends on the time, too. */
  readonly isTimed: boolean;
}

/** Who makes more workers if tasks wait. */
export interface Scaling {
  /** Tasks are left for which no worker is free: up to `most` since the last time. */
  backlog(now: number, most: number): void;
  /** Since then: until when that need not be told again, as long as no more than `calmSize` tasks wait. */
  readonly calmUntil: number;
  readonly calmSize: number;
}
