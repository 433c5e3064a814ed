import { DURATION_BUCKETS } from '../primitives/duration-buckets.ts';

/** How many durations were at most so long. */
export class Buckets {
  /** Of each bucket alone, the one without a bound last. */
  readonly #counts = new Float64Array(DURATION_BUCKETS.length + 1);
  count = 0;
  /** Of all durations. */
  microseconds = 0;

  add(seconds: number): void {
    let i = 0;
    while (i < DURATION_BUCKETS.length && !(seconds <= (DURATION_BUCKETS[i] ?? 0))) i++;
    this.#counts[i] = (this.#counts[i] ?? 0) + 1;
    this.count++;
    this.microseconds += Math.round(seconds * 1e6);
  }

  /** Bounds, and how many were at most so long. */
  *cumulative(): Generator<readonly [bound: number | '+Inf', count: number]> {
    let sum = 0;
    for (const [i, count] of this.#counts.entries()) yield [DURATION_BUCKETS[i] ?? '+Inf', (sum += count)];
  }
}
