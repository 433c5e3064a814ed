import { ServiceTimeInflation } from './inflation.ts';

const BUCKETS = 10;
const BUCKET_MS = 100;

/** What of a sum is left after each bucket: it remembers some ten seconds. */
const FADING = 0.99;

/** Weight of the newest creation in the moving average. */
const CREATION_WEIGHT = 0.3;

/**
 * Measures the load over the last second: a ring of ten buckets of 100 ms with running sums, O(1) per event.
 *
 * Seconds per task are busy time ÷ ended runs. Busy time is the integral of the running tasks over time and not the
 * sum of finished runs, so that tasks longer than the window count right.
 */
export class LoadEstimator {
  /** Runs begun and not ended. */
  running = 0;
  readonly #arrivals = new Float64Array(BUCKETS);
  readonly #ended = new Float64Array(BUCKETS);
  readonly #busy = new Float64Array(BUCKETS);
  /** Sums over the ring, which lacks the newest bucket: its counts are the three fields below. */
  #arrivalSum = 0;
  #endedSum = 0;
  #busySum = 0;
  #arrived = 0;
  #ends = 0;
  /** Starts minus ends of its runs, so that its busy time is `running × now - offset`. */
  #offset = 0;
  /** Number of the newest bucket since the clock's origin, its place in the ring, and when it ends. */
  #bucket = 0;
  #index = 0;
  #end = -Infinity;
  /** Busy time and ended runs of the closed buckets, fading: what is known of tasks longer than the window. */
  #fadingBusy = 0;
  #fadingEnded = 0;
  #creationTime = 0;
  readonly #inflation = new ServiceTimeInflation();
  readonly #calm: () => number;

  /** `calm` tells up to how many tasks at once are low load. */
  constructor(calm: () => number) {
    this.#calm = calm;
  }

  arrived(now: number): void {
    if (now >= this.#end) this.#turn(now);
    this.#arrived++;
  }

  started(now: number): void {
    if (now >= this.#end) this.#turn(now);
    this.running++;
    this.#offset += now;
  }

  ended(now: number): void {
    if (now >= this.#end) this.#turn(now);
    this.running--;
    this.#offset -= now;
    this.#ends++;
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
    if (now >= this.#end) this.#turn(now);
    return ((this.#arrivalSum + this.#arrived) * 1000) / (BUCKETS * BUCKET_MS);
  }

  /**
   * Worker time per task in ms over the window. Where nothing has ended in it, over some ten seconds before, so that it
   * grows by itself while a long task runs; before any end, how long the tasks have run so far; 0 before any start.
   */
  serviceTime(now: number): number {
    if (now >= this.#end) this.#turn(now);
    const busy = this.#busyNow(now);
    const ended = this.#endedSum + this.#ends;
    if (ended > 0) return (this.#busySum + busy) / ended;
    if (this.#fadingEnded > 0) return (this.#fadingBusy + busy) / this.#fadingEnded;
    return this.running > 0 ? (this.#fadingBusy + busy) / this.running : 0;
  }

  /** Service time now ÷ at low load, see {@link ServiceTimeInflation}; 1 while unknown. */
  inflation(now: number): number {
    if (now >= this.#end) this.#turn(now);
    return this.#inflation.value;
  }

  /** Busy time of the newest bucket up to now. */
  #busyNow(now: number): number {
    return this.running * now - this.#offset;
  }

  /** Closes buckets until `now` is in the newest; what has fallen out of the window is forgotten. */
  #turn(now: number): void {
    const target = Math.floor(now / BUCKET_MS);
    // At the first event, and after a long silence: only the last window matters.
    if (target > this.#bucket + BUCKETS + 1 || this.#end === -Infinity) this.#skip(target - BUCKETS - 1);
    while (this.#bucket < target) {
      this.#close();
      if (this.#bucket % BUCKETS === BUCKETS - 1) {
        this.#inflation.add(this.#busySum, this.#endedSum, this.#calm());
      }
      this.#open(this.#bucket + 1);
    }
  }

  /** Takes the newest bucket into the sums. */
  #close(): void {
    const busy = this.#busyNow(this.#end);
    this.#arrivals[this.#index] = this.#arrived;
    this.#ended[this.#index] = this.#ends;
    this.#busy[this.#index] = busy;
    this.#sumUp();
    this.#fadingBusy = this.#fadingBusy * FADING + busy;
    this.#fadingEnded = this.#fadingEnded * FADING + this.#ends;
  }

  /** Goes to a later bucket at once; there has been no event in those between. */
  #skip(bucket: number): void {
    if (this.#end > -Infinity) {
      this.#close();
      const faded = FADING ** (bucket - this.#bucket - 1);
      this.#fadingBusy = this.#fadingBusy * faded + (this.running * BUCKET_MS * (1 - faded)) / (1 - FADING);
      this.#fadingEnded *= faded;
    }
    this.#open(bucket);
  }

  #open(bucket: number): void {
    const start = bucket * BUCKET_MS;
    this.#bucket = bucket;
    this.#end = start + BUCKET_MS;
    this.#index = ((bucket % BUCKETS) + BUCKETS) % BUCKETS;
    this.#arrivals[this.#index] = this.#ended[this.#index] = this.#busy[this.#index] = 0;
    this.#sumUp();
    this.#arrived = 0;
    this.#ends = 0;
    this.#offset = this.running * start;
  }

  /** Afresh each time: adding and subtracting fractions would drift. */
  #sumUp(): void {
    this.#arrivalSum = sum(this.#arrivals);
    this.#endedSum = sum(this.#ended);
    this.#busySum = sum(this.#busy);
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
