// The last so many ms of a number that changes in steps.

export class Window {
  #length;
  /** `{ at, value }`: it has had this value since then. The first one reaches beyond the window. */
  #steps = [];

  constructor(length) {
    this.#length = length;
  }

  /** From `now` on the number is `value`. */
  add(now, value) {
    if (this.#steps.at(-1)?.value !== value) this.#steps.push({ at: now, value });
    const start = now - this.#length;
    const gone = this.#steps.findIndex((_, index) => (this.#steps[index + 1]?.at ?? Infinity) > start);
    this.#steps.splice(0, gone);
  }

  max() {
    return Math.max(...this.#steps.map(({ value }) => value));
  }

  /** The mean over time; of a shorter time in the beginning. */
  mean(now) {
    const start = Math.max(now - this.#length, this.#steps[0].at);
    if (start >= now) return this.#steps.at(-1).value;
    const areas = this.#steps.map(
      ({ at, value }, index) => value * ((this.#steps[index + 1]?.at ?? now) - Math.max(at, start)),
    );
    return areas.reduce((sum, area) => sum + area, 0) / (now - start);
  }
}
