import { createHistogram } from 'node:perf_hooks';

export const PERCENTILES = [50, 90, 95, 99] as const;

/** A percentile. Times are milliseconds. */
export interface Percentile {
  readonly percent: number;
  readonly ms: number;
}

/** What many durations come to. */
export interface TimesSummary {
  readonly count: number;
  readonly mean: number;
  readonly max: number;
  /** Those of `PERCENTILES`. */
  readonly percentiles: readonly Percentile[];
  /** From 25 % to the longest, ever finer: eight for each further nine, such as between 90 % and 99 %. */
  readonly curve: readonly Percentile[];
}

const STEPS = 8;
const HIGHEST = Number.MAX_SAFE_INTEGER;

/** Durations, however many, in constant memory: percentiles are exact to a thousandth, or to a microsecond. */
export class Times {
  /** Of microseconds plus one: it takes no 0. */
  readonly #histogram = createHistogram({ lowest: 1, highest: HIGHEST, figures: 3 });
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ms: number): void {
    this.#histogram.record(Math.min(Math.round(ms * 1_000) + 1, HIGHEST));
    this.#count++;
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
  }

  /** Undefined if there are none. */
  summary(): TimesSummary | undefined {
    if (this.#count === 0) return undefined;
    const steps = Math.ceil(STEPS * Math.max(1, Math.log10(this.#count)));
    const fine = Array.from({ length: steps }, (_, step) => 100 * (1 - 10 ** (-(step + 1) / STEPS)));
    return {
      count: this.#count,
      mean: this.#sum / this.#count,
      max: this.#max,
      percentiles: PERCENTILES.map((percent) => this.#at(percent)),
      curve: [...fine.map((percent) => this.#at(percent)), { percent: 100, ms: this.#max }],
    };
  }

  #at(percent: number): Percentile {
    const microseconds = this.#histogram.percentile(percent) - 1;
    return { percent, ms: Math.min(microseconds / 1_000, this.#max) };
  }
}
