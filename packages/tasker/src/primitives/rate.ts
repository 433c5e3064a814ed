/**
 * Counts events of the recent past: a ring of time buckets with a running sum, O(1) per event.
 *
 * ```
 *       forgotten        │◀────────── the window ──────────▶│
 *   ┄┄┬───────┬──────────┼───────┬───────┬───────┬──────┄┄┄┄┤
 *     │       │          │   7   │   0   │  12   │  3       │     total = 22
 *   ┄┄┴───────┴──────────┴───────┴───────┴───────┴──────┄┄┄┄┘
 *                        ▲                           ▲
 *                 oldest bucket                     now, inside the newest bucket
 * ```
 *
 * The window is made of whole buckets and the begun one, so it is between `buckets - 1` and `buckets` times
 * `bucketMs` long; rates divide by what it really is. Before a whole window has passed since the first event they
 * divide by the time since that event, one bucket at least: early rates are real values and do not start near 0.
 * A clock that stands still or jumps back is taken to be where it was.
 */
export class RateWindow {
  // Plain private fields and not #private ones: every task is counted here.
  private readonly counts: Float64Array;
  private readonly bucketMs: number;
  /** The amount counted since the first event. */
  all = 0;
  /** What the newest bucket has counted; its place in `counts` is 0 meanwhile. */
  private count = 0;
  /** Sum of `counts`. */
  private sum = 0;
  /** Index of the newest bucket. */
  private newest = 0;
  /** When the newest bucket ends; -Infinity before the first event, whose bucket starts at that event. */
  private end = -Infinity;
  /** Buckets begun since the first event, no more than there are. */
  private begun = 0;

  /** A window of `buckets` buckets of `bucketMs` milliseconds each. */
  constructor(buckets: number, bucketMs: number) {
    this.counts = new Float64Array(buckets);
    this.bucketMs = bucketMs;
  }

  /** Counts `n` events, or any other amount. `now` is in milliseconds. Default of `n`: 1. */
  add(now: number, n = 1): void {
    if (now >= this.end) this.roll(now);
    this.count += n;
    this.all += n;
  }

  /** The amount counted within the window. */
  total(now: number): number {
    if (this.begun > 0 && now >= this.end) this.roll(now);
    return this.sum + this.count;
  }

  /** The amount per second within the window; 0 before the first event. */
  rate(now: number): number {
    const total = this.total(now);
    if (total === 0) return 0;
    const start = this.end - this.begun * this.bucketMs;
    return (total * 1000) / Math.max(now - start, this.bucketMs);
  }

  /** Begins buckets until `now` is inside the newest. */
  private roll(now: number): void {
    const { counts } = this;
    if (this.begun === 0) {
      this.end = now + this.bucketMs;
      this.begun = 1;
      return;
    }
    counts[this.newest] = this.count;
    this.count = 0;
    const steps = Math.floor((now - this.end) / this.bucketMs) + 1;
    this.end += steps * this.bucketMs;
    this.begun = Math.min(this.begun + steps, counts.length);
    for (let i = Math.min(steps, counts.length); i > 0; i--) {
      this.newest = (this.newest + 1) % counts.length;
      counts[this.newest] = 0;
    }
    // Summed afresh instead of subtracting, so that fractions leave no residue.
    this.sum = counts.reduce((sum, count) => sum + count, 0);
  }
}
