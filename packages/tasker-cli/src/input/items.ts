import { shuffle } from '../basics/shuffle.ts';
import { messageOf } from '../basics/usage-error.ts';
import { BadInput } from './item.ts';
import type { Entry, Item, Source } from './item.ts';

/** What becomes of a malformed line: it ends the run, or is told and passed over. */
export type OnBadInput = 'fail' | 'skip';

export interface ItemsOptions {
  readonly onBadInput: OnBadInput;
  /** Most items to be run. */
  readonly limit: number;
  /** Of the order; undefined for that of the source. */
  readonly seed: number | undefined;
  /** Throws an error that says what is wrong with a value. */
  readonly check: (value: unknown) => void;
}

/** The items of a run, numbered, in the order in which they are to be started. */
export class Items {
  readonly #source: Source;
  readonly #options: ItemsOptions;

  constructor(source: Source, options: ItemsOptions) {
    this.#source = source;
    this.#options = options;
  }

  get isRepeatable(): boolean {
    return this.#source.isRepeatable;
  }

  /** Whether all of it can be read before anything is run, to find what is malformed. */
  get isCheckable(): boolean {
    return this.isRepeatable && this.#options.onBadInput === 'fail';
  }

  /** Portions of items. What is malformed and passed over goes to `skipped`. A shuffle holds all items in memory. */
  async *read(
    skipped: (problem: BadInput) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Item[], void, undefined> {
    const { limit, seed } = this.#options;
    if (seed !== undefined) {
      const all: Item[] = [];
      for await (const items of this.#numbered(skipped, signal)) for (const item of items) all.push(item);
      shuffle(all, seed);
      yield all.slice(0, limit);
      return;
    }
    let left = limit;
    if (left === 0) return;
    for await (const items of this.#numbered(skipped, signal)) {
      yield items.length > left ? items.slice(0, left) : items;
      left -= items.length;
      if (left <= 0) return;
    }
  }

  async *#numbered(
    skipped: (problem: BadInput) => void,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Item[], void, undefined> {
    const bad = this.#options.onBadInput === 'fail' ? refuse : skipped;
    let index = 0;
    for await (const entries of this.#source.read(bad, signal)) {
      const items: Item[] = [];
      for (const entry of entries) if (this.#isGood(entry, bad)) items.push({ index: index++, value: entry.value });
      yield items;
    }
  }

  #isGood({ value, line }: Entry, bad: (problem: BadInput) => void): boolean {
    try {
      this.#options.check(value);
      return true;
    } catch (error) {
      bad(new BadInput(this.#source.name, line, messageOf(error)));
      return false;
    }
  }
}

function refuse(problem: BadInput): never {
  problem.message += ' (--on-bad-input skip passes over it)';
  throw problem;
}
