import { systemClock } from '../primitives/clock.ts';
import type { Gauge } from './shared.ts';

/** What the thread shows, beside what it says. */
export type ThreadGauge = Pick<Gauge, 'current' | 'ask'>;

/**
 * Ends a thread that computes on and on after a call of it was aborted. Its other calls would wait for ever otherwise: the
 * manager destroys an abandoned resource only once nobody else uses it.
 *
 * A thread says when it has heard of an abort. One that has not may be in that very call, or in a function that has waited
 * before; then it is given up after `timeout` ms. If it is in another call, that one is left to end.
 */
export class AbortWatchdog {
  readonly #timeout: number;
  readonly #gauge: ThreadGauge;
  readonly #onStuck: () => void;
  /** Timers of the aborts that were not heard. */
  readonly #unheard = new Map<number, unknown>();

  constructor(timeout: number, gauge: ThreadGauge, onStuck: () => void) {
    this.#timeout = timeout;
    this.#gauge = gauge;
    this.#onStuck = onStuck;
  }

  /** A call was aborted. */
  watch(id: number): void {
    this.#arm(id, this.#timeout, () => {
      if (this.#gauge.ask === undefined) this.#judge(id);
      else void this.#gauge.ask().then(() => this.#judge(id));
    });
  }

  /** The thread has heard of it, or the call has ended. */
  clear(id: number): void {
    if (this.#unheard.size === 0) return;
    systemClock.clearTimeout(this.#unheard.get(id));
    this.#unheard.delete(id);
  }

  #judge(id: number): void {
    if (!this.#unheard.has(id)) return;
    // If this thread was busy itself, what the other one said has still to be read.
    this.#arm(id, 0, () => {
      const { current } = this.#gauge;
      if (current === 0 || current === id) this.#onStuck();
      else this.watch(id);
    });
  }

  #arm(id: number, ms: number, fn: () => void): void {
    this.#unheard.set(id, systemClock.setTimeout(fn, ms));
  }
}
