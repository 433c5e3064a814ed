import type { Sample } from './scraped-metric.ts';

/** A sample before it is shown. Its value is whole, so that sums are the same in any order, and none goes back by a rounding. */
export interface Part extends Sample {
  /** What its value is divided by when it is shown. Default 1. */
  readonly per?: number;
}

/** Sums of parts: those of the same labels are one. */
export class Sums {
  readonly #parts = new Map<string, Part>();

  constructor(parts: Iterable<Part> = []) {
    this.add(parts);
  }

  add(parts: Iterable<Part>, times = 1): void {
    for (const part of parts) {
      const key = `${part.metricName ?? ''} ${JSON.stringify(part.labels)}`;
      this.#parts.set(key, { ...part, value: (this.#parts.get(key)?.value ?? 0) + times * part.value });
    }
  }

  [Symbol.iterator](): Iterator<Part> {
    return this.#parts.values();
  }
}
