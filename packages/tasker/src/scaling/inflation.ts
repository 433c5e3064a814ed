/** Weight of one run in the moving averages, once they rest on enough runs: they remember some 200. */
const WEIGHT = 0.005;

/** Runs that are summed up before they go into the averages. */
const BATCH = 32;

/** The mean of the first values, and then an exponential average. Values are summed up and taken in together. */
class Mean {
  private mean = 0;
  private taken = 0;
  sum = 0;
  count = 0;

  get value(): number {
    this.take();
    return this.mean;
  }

  take(): void {
    if (this.count === 0) return;
    this.taken += this.count;
    const weight = Math.max(this.count / this.taken, 1 - (1 - WEIGHT) ** this.count);
    this.mean += (this.sum / this.count - this.mean) * weight;
    this.sum = 0;
    this.count = 0;
  }

  clear(): void {
    this.taken = this.sum = this.count = 0;
  }

  /** On how many values it rests, those included that it has all but forgotten. */
  get size(): number {
    return this.taken + this.count;
  }
}

/**
 * How much longer tasks take now than at low load: what a bottleneck behind all resources looks like from here, when
 * more workers only slow each other down.
 *
 * The mean duration of the last runs is compared with that of the last ones that were calm from begin to end: no more tasks
 * ran at once than base workers have places. Where it is never that calm, twice as many are calm, or four times, and so on.
 * Time in which nothing runs says nothing. The idea of comparing with the unloaded time is that of TCP Vegas (Brakmo and
 * Peterson, 1995) and of the gradient limiters after it.
 */
export class ServiceTimeInflation {
  // Plain private fields and not #private ones: every task is counted here.
  private readonly recent = new Mean();
  /** Of the squares of the same runs; the number of those that are to be taken in is that of `recent`. */
  private readonly squares = new Mean();
  private readonly calm = new Mean();
  /** The running tasks are at most `low × 2^level`, which is the ceiling, and for each lower level more. */
  private level = 0;
  private ceiling = 0;
  /** With how many running tasks they are at a lower level; below 0 at the lowest. */
  private floor = -1;
  /** Since when no more than `low × 2^level` tasks have run at once; Infinity for levels below the present one. */
  private readonly since: number[] = [-Infinity];
  /** The lowest level of any run so far, and since when it has been as calm as that. */
  private calmest = Infinity;
  private calmSince = Infinity;
  private readonly low: () => number;

  /** `low` tells up to how many tasks at once are low load. */
  constructor(low: () => number) {
    this.low = low;
  }

  /** A run has begun, so that `running` tasks run. */
  started(running: number): void {
    if (running > this.ceiling) this.rise(running);
  }

  /** The run that began at `startedAt` has ended, so that `running` tasks run. */
  ended(startedAt: number, now: number, running: number): void {
    const { recent, calm } = this;
    const duration = now - startedAt;
    recent.sum += duration;
    recent.count++;
    this.squares.sum += duration * duration;
    if (this.level < this.calmest) this.findCalmest(startedAt);
    if (startedAt >= this.calmSince) {
      calm.sum += duration;
      calm.count++;
    }
    if (recent.count === BATCH) this.takeIn();
    if (running <= this.floor) this.fall(running, now);
  }

  private takeIn(): void {
    this.squares.count = this.recent.count;
    this.squares.take();
    this.recent.take();
    this.calm.take();
  }

  /** Duration now ÷ at low load; 1 while unknown. */
  get value(): number {
    const { mean, calm } = this.durations();
    return calm === 0 ? 1 : mean / calm;
  }

  /** What is known about the runs so far. */
  durations(): Durations {
    this.takeIn();
    return {
      ended: this.recent.size,
      mean: this.recent.value,
      meanSquare: this.squares.value,
      calm: this.calm.value,
      calmRuns: this.calm.size,
      isCalmLow: this.calmest === 0,
    };
  }

  private rise(running: number): void {
    this.ceiling = this.low() * 2 ** this.level; // a resize may have changed it
    while (running > this.ceiling) {
      this.since[this.level] = Infinity;
      this.level++;
      this.ceiling *= 2;
      this.since[this.level] ??= -Infinity;
    }
    this.floor = this.level > 0 ? this.ceiling / 2 : -1;
    this.calmSince = this.since[this.calmest] ?? Infinity;
  }

  private fall(running: number, now: number): void {
    while (this.level > 0 && running <= this.ceiling / 2) {
      this.level--;
      this.ceiling /= 2;
      this.since[this.level] = now;
    }
    this.floor = this.level > 0 ? this.ceiling / 2 : -1;
    this.calmSince = this.since[this.calmest] ?? Infinity;
  }

  /** A run has ended at a level below the calmest so far. Was it there from the begin? */
  private findCalmest(startedAt: number): void {
    const level = this.since.findIndex((since) => since <= startedAt);
    if (level >= this.calmest) return;
    this.calmest = level;
    this.calmSince = this.since[level] as number; // found there
    this.calm.clear();
  }
}

/** Durations of runs, ms; 0 while unknown. */
export interface Durations {
  /** Runs that have ended since the start. */
  readonly ended: number;
  /** Moving means of the durations of the last runs, and of their squares. */
  readonly mean: number;
  readonly meanSquare: number;
  /** Moving mean at low load, on how many runs it rests, and whether it was the base load, and not just the lowest so far. */
  readonly calm: number;
  readonly calmRuns: number;
  readonly isCalmLow: boolean;
}
