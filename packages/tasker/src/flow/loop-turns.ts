import type { Clock } from '../primitives/clock.ts';
import { inMacrotask } from '../primitives/macrotask.ts';

/**
 * After so long without a turn of the event loop that is known of, one is asked for, and after as long again it is waited for: there are
 * at most twice so many ms, and one task, between two turns. A turn takes some 10 µs.
 */
const PATIENCE = 5;

/**
 * Lets the event loop have its turn. Tasks that await nothing real end, and start each other, in microtasks: a long queue of them
 * would keep every timer and all input waiting until it is empty.
 *
 * ```
 *   PATIENCE since the last turn ──▶ one is asked for ──┬─ it comes ──▶ as before
 *                                                       └─ PATIENCE again ──▶ nothing starts until it comes
 * ```
 *
 * Costs no reading of the clock per task, and no turn where there are some anyway. On a clock that stands still nothing waits.
 */
export class LoopTurns {
  /** Whether nothing is to start before the next turn. */
  isAwaited = false;
  #isAsked = false;
  /** Until when nothing has to wait. */
  lookAt: number = -Infinity;
  readonly #clock: Clock;
  readonly #goOn: () => void;

  /** `goOn` starts what was held back. */
  constructor(clock: Clock, goOn: () => void) {
    this.#clock = clock;
    this.#goOn = goOn;
  }

  /** Whether a task that is to start now has to wait; if so, `goOn` is called after a turn of the event loop. */
  mustWait(now: number): boolean {
    return now >= this.lookAt && this.#look(now);
  }

  #look(now: number): boolean {
    if (this.#isAsked) {
      this.isAwaited = true;
    } else {
      this.#isAsked = true;
      this.lookAt = now + PATIENCE;
      inMacrotask(this.#turned);
    }
    return this.isAwaited;
  }

  readonly #turned = (): void => {
    this.#isAsked = false;
    this.lookAt = this.#clock.now() + PATIENCE;
    if (!this.isAwaited) return;
    this.isAwaited = false;
    this.#goOn();
  };
}
