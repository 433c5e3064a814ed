import { existsSync } from 'node:fs';
import { UsageError } from '../basics/usage-error.ts';
import type { Item } from '../input/item.ts';
import { DoneItems } from '../output/done-items.ts';
import { Journal } from '../output/journal.ts';
import type { Journaled, RunIdentity } from '../output/journal.ts';
import { readResults } from '../output/read-results.ts';
import { rewriteFile } from '../output/rewrite-file.ts';
import { wholeLines } from '../output/whole-lines.ts';

/** Items that are not run again: all that have a line, or those that have succeeded. */
export type Done = 'all' | 'succeeded';

/** What an earlier run has left behind: its results, and its journal if it has not ended well. */
export class PreviousRun {
  readonly #out: string;
  #length: number;
  readonly #done: DoneItems;
  /** Results of failures, and whether these items are to be run again. */
  readonly #failures: number;
  readonly #isRerun: boolean;
  /** Undefined if it has ended well, or nothing had begun. */
  readonly #journal: Journaled | undefined;

  private constructor(out: string, { length, items, failures, isRerun, journal }: Found) {
    this.#out = out;
    this.#length = length;
    this.#done = items;
    this.#failures = failures;
    this.#isRerun = isRerun;
    this.#journal = journal;
  }

  /** Reads it. Throws `UsageError` if the file has anything but results. */
  static async read(out: string, done: Done): Promise<PreviousRun> {
    const isRerun = done === 'succeeded';
    const length = existsSync(out) ? wholeLines(out) : 0;
    const items = new DoneItems(out);
    let failures = 0;
    for await (const { index, input, ok } of readResults(out, length)) {
      if (!ok) failures++;
      if (ok || !isRerun) items.add({ index, value: input });
    }
    return new PreviousRun(out, { length, items, failures, isRerun, journal: await Journal.read(out) });
  }

  /** Bytes of whole lines of results; what is behind them is to be dropped. */
  get length(): number {
    return this.#length;
  }

  /** Takes the results of items that are to be run again out of the file. Rejects with `UsageError`. */
  async dropUndone(): Promise<void> {
    if (this.#isRerun && this.#failures > 0) this.#length = await rewriteFile(this.#out, this.#lines(true));
  }

  /** Items that are not run again. */
  get count(): number {
    return this.#done.count;
  }

  /** Of these, failures. */
  get failed(): number {
    return this.#isRerun ? 0 : this.#failures;
  }

  /** Whether an item is not run again. Throws `UsageError` if its line is about another item. */
  has(item: Item): boolean {
    return this.#done.has(item);
  }

  /** The items that are to be run. */
  async *rest(portions: AsyncIterable<readonly Item[]>): AsyncGenerator<readonly Item[], void, undefined> {
    for await (const items of portions) yield items.filter((item) => !this.has(item));
  }

  /** Whether an item without a line had begun. */
  hadBegun({ index }: Item): boolean {
    return this.#journal?.begun.has(index) === true;
  }

  /** Throws `UsageError` if the run that is to go on is another one. `found` of its items have a line; undefined if that is not known. */
  assertSame({ items, seed }: RunIdentity, found: number | undefined): void {
    if (found !== undefined && found < this.count) {
      throw new UsageError(
        `${this.#out} has results of another input: of ${this.count} items only ${found} are in this one`,
      );
    }
    const before = this.#journal?.identity;
    if (before === undefined) return;
    if (before.seed !== seed) {
      const flag = before.seed === null ? 'no --shuffle' : `--shuffle ${before.seed}`;
      throw new UsageError(`${this.#out} has results of another order: resume it with ${flag}`);
    }
    if (before.items !== null && items !== null && before.items !== items) {
      throw new UsageError(`${this.#out} has results of another input: resume it with the one that it was begun with`);
    }
  }

  /** The lines of failures. */
  failures(): AsyncGenerator<string, void, undefined> {
    return this.#lines(false);
  }

  async *#lines(areOk: boolean): AsyncGenerator<string, void, undefined> {
    for await (const { ok, text } of readResults(this.#out, this.#length)) if (ok === areOk) yield text;
  }
}

/** What was read of it. */
interface Found {
  readonly length: number;
  readonly items: DoneItems;
  readonly failures: number;
  readonly isRerun: boolean;
  readonly journal: Journaled | undefined;
}
