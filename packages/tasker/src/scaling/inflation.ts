/** Weight of the newest run in the moving averages, once they rest on enough runs: they remember some 200. */
const WEIGHT = 0.005;

/** The mean of the first runs, and then an exponential average. */
class Mean {
  value = 0;
  #count = 0;

  add(value: number): void {
    this.#count++;
    this.value += (value - this.value) * Math.max(1 / this.#count, WEIGHT);
  }

  clear(): void {
    this.#count = 0;
  }
}

/**
 * How much longer tasks take now than at low load: what a bottleneck behind all resources looks like from here, when
 * more workers only slow each other down.
 *
 * The mean duration of the last runs is compared with that of the last ones that began and ended in calm, and during which
 * it was calm: no more tasks ran at once than base workers have places. Where it is never that calm, twice as many are
 * calm, or four times, and so on. Time in which nothing runs says nothing. The idea of comparing with the unloaded time is that of TCP
 * Vegas (Brakmo and Peterson, 1995) and of the gradient limiters after it.
 */
export class ServiceTimeInflation {
  readonly #recent = new Mean();
  readonly #calm = new Mean();
  /** The calmest level of any run so far. */
  #calmest = Infinity;
  /** The running tasks are at most `calm × 2^level`, and for each lower level more. */
  #level = 0;
  /** Since when no more than `calm × 2^level` tasks have run at once; Infinity for levels below the present one. */
  readonly #since: number[] = [-Infinity];

  /** A run has begun, so that `running` tasks run; up to `calm` at once is low load. */
  started(running: number, calm: number): void {
    while (running > calm * 2 ** this.#level) {
      this.#since[this.#level] = Infinity;
      this.#level++;
      this.#since[this.#level] ??= -Infinity;
    }
  }

  /** The run that began at `startedAt` has ended, so that `running` tasks run. */
  ended(startedAt: number, now: number, running: number, calm: number): void {
    const duration = now - startedAt;
    this.#recent.add(duration);
    let level = this.#level;
    while ((this.#since[level] as number) > startedAt) level++;
    if (level < this.#calmest) {
      this.#calmest = level;
      this.#calm.clear();
    }
    if (level === this.#calmest) this.#calm.add(duration);
    while (this.#level > 0 && running <= calm * 2 ** (this.#level - 1)) {
      this.#level--;
      this.#since[this.#level] = now;
    }
  }

  /** Duration now ÷ at low load; 1 while unknown. */
  get value(): number {
    return this.#calm.value === 0 ? 1 : this.#recent.value / this.#calm.value;
  }
}
