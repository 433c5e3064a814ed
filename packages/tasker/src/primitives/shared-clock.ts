import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';

/** Two readings of the clock so many ms apart: not much can have happened between. */
const CLOSE = 0.01;

/** So many readings in a row must have been close before any is left out. */
const CALM = 256;

/** How many events in a row do without a reading. */
const SKIPPED = 8;

/** Weight of the last distance of two events in their mean. */
const STEP_WEIGHT = 1 / 32;

/**
 * Readings of a clock for the time stamps of tasks. Under a load of very short tasks only every ninth event reads the
 * clock, since a reading costs a good part of such a task; those between are dated at even distances, as far apart as
 * events have been lately.
 *
 * ```
 *   read · · · · read · · · · read · ▨▨▨▨▨▨▨▨ · · read read read read read …  256 times, then some are left out again
 *                 └ < 10 µs ──┘   something slow └ not close: every event reads from here on
 * ```
 *
 * A date is off by a microsecond or so, or by as much as the one slow stretch that ends the leaving out; the few events right
 * after that one are dated early, starts like ends, which moves a few durations from one task to the next and leaves the mean
 * where it was. Nothing is left out beyond the event loop's turn.
 */
export class SharedClock {
  #now = -Infinity;
  /** The last reading, and how many events it stood for. */
  #readAt = -Infinity;
  #events = 1;
  /** How far apart events are, on the average. */
  #step = 0;
  #left = 0;
  #calm = 0;
  #isArmed = false;
  readonly #read: () => number;
  readonly #atEndOfTurn: (fn: () => void) => void;

  /** `atEndOfTurn` calls its argument after the microtasks of the current turn, or before some of them. */
  constructor(read: () => number, atEndOfTurn: (fn: () => void) => void) {
    this.#read = read;
    this.#atEndOfTurn = atEndOfTurn;
  }

  /** Milliseconds on the clock that is read, more or less; never goes back. */
  now(): number {
    if (this.#left === 0) return this.#look();
    this.#left--;
    return (this.#now += this.#step);
  }

  #look(): number {
    const now = this.#read();
    const passed = now - this.#readAt;
    if (passed < CLOSE) this.#step += (passed / this.#events - this.#step) * STEP_WEIGHT;
    this.#readAt = now;
    this.#now = Math.max(this.#now, now);
    this.#calm = passed < CLOSE ? this.#calm + 1 : 0;
    if (this.#calm >= CALM) this.#skip();
    else this.#events = 1;
    return this.#now;
  }

  #skip(): void {
    this.#left = SKIPPED;
    this.#events = SKIPPED + 1;
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#atEndOfTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#isArmed = false;
    this.#left = 0;
  };
}

/** The stamps of a manager: shared where the runtime's clock is used and the end of a turn can be noticed, else exact. */
export function stampClock(clock: Clock): Pick<Clock, 'now'> {
  const nextTick = (globalThis as { process?: { nextTick?: (fn: () => void) => void } }).process?.nextTick;
  if (clock !== systemClock || nextTick === undefined) return clock;
  return new SharedClock(() => clock.now(), nextTick);
}
