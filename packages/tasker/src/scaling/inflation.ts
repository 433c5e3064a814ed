/** Weight of the newest second in the moving averages: they remember some ten seconds. */
const WEIGHT = 0.1;

/**
 * How much longer tasks take now than at low load: what a bottleneck behind all resources looks like from here, when
 * more workers only slow each other down.
 *
 * Two exponential averages are compared, of the recent seconds and of the calm ones, in which no more tasks ran than
 * base workers have places (or than ever, where it is never that calm). Each averages busy time and ended runs apart, so
 * that tasks longer than a second count right; at low load the two are the same. The idea of comparing with the unloaded time is that of TCP Vegas
 * (Brakmo and Peterson, 1995) and of the gradient limiters after it.
 */
export class ServiceTimeInflation {
  #recentBusy = 0;
  #recentEnded = 0;
  #calmBusy = 0;
  #calmEnded = 0;
  /** The least load that was seen, in tasks running at once. */
  #least = Infinity;

  /**
   * Takes in so many `seconds` in which tasks ran for `busy` ms in all and `ended` runs ended; up to `calm` at once is low
   * load. Seconds in which nothing ran say nothing.
   */
  add(busy: number, ended: number, seconds: number, calm: number): void {
    if (busy === 0) return;
    const weight = 1 - (1 - WEIGHT) ** seconds;
    const busyPerSecond = busy / seconds;
    const endedPerSecond = ended / seconds;
    this.#recentBusy += (busyPerSecond - this.#recentBusy) * weight;
    this.#recentEnded += (endedPerSecond - this.#recentEnded) * weight;
    const load = busyPerSecond / 1000;
    if (load > Math.max(calm, this.#least)) return;
    if (this.#least > calm) this.#calmBusy = this.#calmEnded = 0; // it has never been as calm as this
    this.#least = Math.min(this.#least, load);
    this.#calmBusy += (busyPerSecond - this.#calmBusy) * weight;
    this.#calmEnded += (endedPerSecond - this.#calmEnded) * weight;
  }

  /** Service time now ÷ at low load; 1 while either is unknown. */
  get value(): number {
    if (this.#recentEnded === 0 || this.#calmEnded === 0) return 1;
    return this.#recentBusy / this.#recentEnded / (this.#calmBusy / this.#calmEnded);
  }
}
