// What a picture shows: a run in short intervals of equal length.

const INTERVALS = 400;

export class Trace {
  /** For each interval when it begins, the most tasks that waited in it, and means of the number of workers. */
  samples = [];
  #length;
  #horizon;
  /** Up to where it has come. */
  #now = 0;

  constructor(horizon) {
    this.#horizon = horizon;
    this.#length = horizon / INTERVALS;
  }

  /** Follows a run, from its beginning on. */
  watch(meter) {
    meter.onChange = (now) => this.#advance(Math.min(now, this.#horizon), meter);
  }

  /** Since the last change everything was as it is now. */
  #advance(now, { queued, starting, busy, present }) {
    while (this.#now < now) {
      if (this.#now >= this.#end) {
        this.samples.push({ at: this.#end, queued: 0, starting: 0, busy: 0, present: 0 });
      }
      const upTo = Math.min(now, this.#end);
      const weight = (upTo - this.#now) / this.#length;
      const sample = this.samples.at(-1);
      sample.queued = Math.max(sample.queued, queued);
      sample.starting += starting * weight;
      sample.busy += busy * weight;
      sample.present += present * weight;
      this.#now = upTo;
    }
  }

  /** When the newest interval ends. */
  get #end() {
    return this.samples.length * this.#length;
  }
}
