import type { History, Sample } from '../basics/messages.ts';

const COLUMNS = [
  'at',
  'arrivals',
  'completions',
  'failures',
  'retries',
  'waitP50',
  'waitP95',
  'runP50',
  'runP95',
  'workers',
  'running',
  'queued',
] as const satisfies readonly (keyof Sample)[];

type Columns = { [K in keyof Sample]: Sample[K][] };

/** The samples of the last so many milliseconds, by column. */
export class SampleHistory {
  readonly #columns = columnsOf([]);
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  add(sample: Sample): void {
    const columns: Record<keyof Sample, (number | null)[]> = this.#columns;
    for (const name of COLUMNS) columns[name].push(sample[name]);
    const first = this.#columns.at.findIndex((at) => at > sample.at - this.#length);
    if (first > 0) for (const name of COLUMNS) columns[name].splice(0, first);
  }

  /** A copy. */
  all(): History {
    return Object.fromEntries(COLUMNS.map((name) => [name, [...this.#columns[name]]])) as unknown as History;
  }
}

export function columnsOf(samples: readonly Sample[]): Columns {
  return Object.fromEntries(COLUMNS.map((name) => [name, samples.map((sample) => sample[name])])) as unknown as Columns;
}
