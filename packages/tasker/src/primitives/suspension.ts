import type { Clock } from './clock.ts';

/**
 * The wall clock has gone on by so much more than the clock between two looks: that was no pause of the process, and no wall
 * clock that is adjusted by a little. A virtual clock may stand still for as long in a test. Milliseconds.
 */
const MIN_SUSPENSION = 5_000;

/**
 * Knows how long the computer has slept. A monotonic clock stands still meanwhile (on Linux, `CLOCK_MONOTONIC` does), and so
 * do timers; but servers have closed their connections. The wall clock has gone on: nothing else tells of it, and nothing tells at once, so
 * it is looked at where it matters. A date that is set forward looks the same.
 */
export class Suspension {
  readonly #clock: Clock;
  /** By how much the wall clock was ahead at the last look. */
  #lead: number;
  #total = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lead = Date.now() - clock.now();
  }

  /** All sleep that has been noticed so far, this look included, in milliseconds; `now` is the time by the clock. */
  total(now: number = this.#clock.now()): number {
    const lead = Date.now() - now;
    const slept = lead - this.#lead;
    this.#lead = lead;
    if (slept >= MIN_SUSPENSION) this.#total += slept;
    return this.#total;
  }

  /** What {@link total} has found at the last look. */
  get noticed(): number {
    return this.#total;
  }
}
