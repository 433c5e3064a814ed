import { ServiceTimeInflation } from './inflation.ts';

const BUCKETS = 10;
const BUCKET_MS = 100;

/** Weights of the newest creation and the newest run in their moving averages. */
const CREATION_WEIGHT = 0.3;
const RUN_WEIGHT = 0.1;

/**
 * Measures the load over the last second: a ring of ten buckets of 100 ms with running sums, O(1) per event.
 *
 * Seconds per task are busy time ÷ ended runs. Busy time is the integral of the running tasks over time and not the
 * sum of finished runs, so that tasks longer than the window count right.
 */
export class LoadEstimator {
  /** Runs begun and not ended. */
  running = 0;
  // Plain private fields and not #private ones: every task is counted here.
  private readonly arrivals = new Float64Array(BUCKETS);
  private readonly endings = new Float64Array(BUCKETS);
  private readonly busy = new Float64Array(BUCKETS);
  private readonly refusals = new Float64Array(BUCKETS);
  /** Sums over the ring, which lacks the newest bucket: its counts are the three fields below. */
  private arrivalSum = 0;
  private endedSum = 0;
  private busySum = 0;
  private arrivalCount = 0;
  private ends = 0;
  /** Starts minus ends of its runs, so that its busy time is `running × now - offset`. */
  private offset = 0;
  /** Number of the newest bucket since the clock's origin, its place in the ring, and when it ends. */
  private bucket = 0;
  private index = 0;
  private end = -Infinity;
  /** Sum of the starts of all runs that have not ended. */
  private starts = 0;
  /** Mean duration of the last runs: what is known when none has ended within the window. */
  private duration = 0;
  private meanCreation = 0;
  readonly slowdown: ServiceTimeInflation;

  /** `low` tells up to how many tasks at once are low load. */
  constructor(low: () => number) {
    this.slowdown = new ServiceTimeInflation(low);
  }

  arrived(now: number): void {
    if (now >= this.end) this.turn(now);
    this.arrivalCount++;
  }

  started(now: number): void {
    if (now >= this.end) this.turn(now);
    this.running++;
    this.offset += now;
    this.starts += now;
    this.slowdown.started(this.running);
  }

  /** A run that began at `startedAt` has ended. */
  ended(startedAt: number, now: number): void {
    if (now >= this.end) this.turn(now);
    this.running--;
    this.offset -= now;
    this.starts -= now;
    this.next(startedAt, now);
  }

  /** A run that began at `startedAt` has ended, and the next one begins at once. */
  next(startedAt: number, now: number): void {
    if (now >= this.end) this.turn(now);
    const duration = now - startedAt;
    this.starts += duration;
    this.duration = this.duration === 0 ? duration : this.duration + (duration - this.duration) * RUN_WEIGHT;
    this.ends++;
    this.slowdown.ended(startedAt, now, this.running);
  }

  /** The other side has refused a task, since it has too much to do. */
  refused(now: number): void {
    if (now >= this.end) this.turn(now);
    this.refusals[this.index] = (this.refusals[this.index] ?? 0) + 1;
  }

  created(duration: number): void {
    this.meanCreation = average(this.meanCreation, duration, CREATION_WEIGHT);
  }

  /** Mean time of `onCreate` in ms, an exponential average; 0 before the first. */
  get creationTime(): number {
    return this.meanCreation;
  }

  /** Tasks per second over the last second: early on too low rather than too high, since a first burst is no rate. */
  arrivalRate(now: number): number {
    if (now >= this.end) this.turn(now);
    return ((this.arrivalSum + this.arrivalCount) * 1000) / (BUCKETS * BUCKET_MS);
  }

  /** Runs ended per second over the last second. */
  completionRate(now: number): number {
    if (now >= this.end) this.turn(now);
    return ((this.endedSum + this.ends) * 1000) / (BUCKETS * BUCKET_MS);
  }

  /** Refused tasks per second over the last second. */
  refusalRate(now: number): number {
    if (now >= this.end) this.turn(now);
    return (sum(this.refusals) * 1000) / (BUCKETS * BUCKET_MS);
  }

  /**
   * Worker time per task in ms over the window. Where nothing has ended in it, that of the last runs, or for how long those
   * that run have run so far, whichever is longer; 0 before any start.
   */
  serviceTime(now: number): number {
    if (now >= this.end) this.turn(now);
    const ended = this.endedSum + this.ends;
    const known = this.running > 0 ? Math.max(this.duration, now - this.starts / this.running) : this.duration;
    if (ended === 0) return known;
    const measured = (this.busySum + this.busyNow(now)) / ended;
    return ended < this.running && this.isCold ? Math.min(measured, known) : measured;
  }

  /**
   * Whether nothing ran when the window began, so that those which run now count in the busy time, but nothing for them in the ended
   * runs: of the first of n tasks that are equally long, the measured time is n times too long. Where a worker takes longer to make than
   * the window is long, it pays to wait for as many ends as tasks run; else it would only come later.
   */
  private get isCold(): boolean {
    return this.busy[(this.index + 1) % BUCKETS] === 0 && this.meanCreation > BUCKETS * BUCKET_MS;
  }

  /** Service time now ÷ at low load, see {@link ServiceTimeInflation}; 1 while unknown. */
  get inflation(): number {
    return this.slowdown.value;
  }

  /** Busy time of the newest bucket up to now. */
  private busyNow(now: number): number {
    return this.running * now - this.offset;
  }

  /** Closes buckets until `now` is in the newest; what has fallen out of the window is forgotten. */
  private turn(now: number): void {
    const target = Math.floor(now / BUCKET_MS);
    // At the first event, and after a long silence: only the last window matters.
    if (target > this.bucket + BUCKETS + 1 || this.end === -Infinity) this.open(target - BUCKETS - 1);
    while (this.bucket < target) {
      this.close();
      this.open(this.bucket + 1);
    }
  }

  /** Takes the newest bucket into the sums. */
  private close(): void {
    this.arrivals[this.index] = this.arrivalCount;
    this.endings[this.index] = this.ends;
    this.busy[this.index] = this.busyNow(this.end);
    this.sumUp();
  }

  private open(bucket: number): void {
    const start = bucket * BUCKET_MS;
    this.bucket = bucket;
    this.end = start + BUCKET_MS;
    this.index = ((bucket % BUCKETS) + BUCKETS) % BUCKETS;
    this.arrivals[this.index] = this.endings[this.index] = this.busy[this.index] = this.refusals[this.index] = 0;
    this.sumUp();
    this.arrivalCount = 0;
    this.ends = 0;
    this.offset = this.running * start;
  }

  /** Afresh each time: adding and subtracting fractions would drift. */
  private sumUp(): void {
    this.arrivalSum = sum(this.arrivals);
    this.endedSum = sum(this.endings);
    this.busySum = sum(this.busy);
  }
}

/** An exponential moving average; the first value stands for itself. */
function average(mean: number, value: number, weight: number): number {
  return mean === 0 ? value : mean + (value - mean) * weight;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
