import { ServiceTimeInflation } from './inflation.ts';

const BUCKETS = 10;
const BUCKET_MS = 100;

/** Weight of the newest creation in the moving average. */
const CREATION_WEIGHT = 0.3;

/**
 * Measures the load over the last second: a ring of ten buckets of 100 ms with running sums, O(1) per event.
 *
 * Seconds per task are busy time ÷ ended runs. Busy time is the integral of the running tasks over time and not the
 * sum of finished runs, so that tasks longer than the window count right.
 */
export class LoadEstimator {
  readonly #arrivals = new Float64Array(BUCKETS);
  readonly #ended = new Float64Array(BUCKETS);
  readonly #busy = new Float64Array(BUCKETS);
  #arrivalSum = 0;
  #endedSum = 0;
  #busySum = 0;
  /** Number of the newest bucket since the clock's origin. */
  #bucket = -1;
  #running = 0;
  #accountedAt = 0;
  #lastServiceTime = 0;
  #creationTime = 0;
  readonly #inflation = new ServiceTimeInflation();
  readonly #calm: () => number;

  /** `calm` tells up to how many tasks at once are low load. */
  constructor(calm: () => number) {
    this.#calm = calm;
  }

  arrived(now: number): void {
    this.#turn(now);
    const index = this.#bucket % BUCKETS;
    this.#arrivals[index] = (this.#arrivals[index] ?? 0) + 1;
    this.#arrivalSum++;
  }

  started(now: number): void {
    this.#turn(now);
    this.#running++;
  }

  ended(now: number): void {
    this.#turn(now);
    this.#running--;
    const index = this.#bucket % BUCKETS;
    this.#ended[index] = (this.#ended[index] ?? 0) + 1;
    this.#endedSum++;
  }

  created(duration: number): void {
    this.#creationTime =
      this.#creationTime === 0 ? duration : this.#creationTime * (1 - CREATION_WEIGHT) + duration * CREATION_WEIGHT;
  }

  /** Mean time of `onCreate` in ms, an exponential average; 0 before the first. */
  get creationTime(): number {
    return this.#creationTime;
  }

  /** Tasks per second over the last second: early on too low rather than too high, since a first burst is no rate. */
  arrivalRate(now: number): number {
    this.#turn(now);
    return (this.#arrivalSum * 1000) / (BUCKETS * BUCKET_MS);
  }

  /** Worker time per task in ms over the window; the last known value when nothing has ended in it; 0 before any end. */
  serviceTime(now: number): number {
    this.#turn(now);
    if (this.#endedSum > 0) this.#lastServiceTime = this.#busySum / this.#endedSum;
    return this.#lastServiceTime;
  }

  /** Service time now ÷ at low load, see {@link ServiceTimeInflation}; 1 while unknown. */
  inflation(now: number): number {
    this.#turn(now);
    return this.#inflation.value;
  }

  /** Accounts the busy time up to now, and clears the buckets that have fallen out of the window. */
  #turn(now: number): void {
    if (this.#bucket < 0) {
      this.#bucket = Math.floor(now / BUCKET_MS);
      this.#accountedAt = now;
      return;
    }
    const target = Math.floor(now / BUCKET_MS);
    if (target > this.#bucket + BUCKETS) this.#skip(target);
    while (this.#bucket < target) {
      const end = (this.#bucket + 1) * BUCKET_MS;
      this.#account(end);
      this.#bucket++;
      if (this.#bucket % BUCKETS === 0) this.#inflation.add(this.#busySum, this.#endedSum, this.#calm());
      const index = this.#bucket % BUCKETS;
      this.#arrivalSum -= this.#arrivals[index] ?? 0;
      this.#endedSum -= this.#ended[index] ?? 0;
      this.#arrivals[index] = 0;
      this.#ended[index] = 0;
      this.#busy[index] = 0;
      this.#busySum = sum(this.#busy); // fractions: subtracting would drift
    }
    this.#account(now);
  }

  /** After a long silence: only the last window matters. */
  #skip(target: number): void {
    this.#bucket = target - BUCKETS - 1;
    this.#accountedAt = Math.max(this.#accountedAt, (this.#bucket + 1) * BUCKET_MS);
  }

  #account(until: number): void {
    const busy = this.#running * (until - this.#accountedAt);
    if (busy > 0) {
      const index = this.#bucket % BUCKETS;
      this.#busy[index] = (this.#busy[index] ?? 0) + busy;
      this.#busySum += busy;
    }
    if (until > this.#accountedAt) this.#accountedAt = until;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
