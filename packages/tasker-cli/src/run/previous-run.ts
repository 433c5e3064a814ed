import { existsSync } from 'node:fs';
import { pathOf } from '../basics/path-of.ts';
import { UsageError } from '../basics/usage-error.ts';
import type { Item } from '../input/item.ts';
import { DoneItems } from '../output/done-items.ts';
import { IndexSet } from '../output/index-set.ts';
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
  /** Of the items that are not run again, failures. */
  readonly failed: number;
  /** Lines of items that have one before. */
  readonly doubles: number;
  /** Whether there are failures that are to be run again. */
  readonly #hasDropped: boolean;
  readonly #isRerun: boolean;
  /** Undefined if it has ended well, or nothing had begun. */
  readonly #journal: Journaled | undefined;

  private constructor(out: string, { length, items, failed, doubles, hasDropped, isRerun, journal }: Found) {
    this.#out = out;
    this.#length = length;
    this.#done = items;
    this.failed = failed;
    this.doubles = doubles;
    this.#hasDropped = hasDropped;
    this.#isRerun = isRerun;
    this.#journal = journal;
  }

  /** Reads it. Throws `UsageError` if the file has anything but results. */
  static async read(out: string, done: Done): Promise<PreviousRun> {
    const isRerun = done === 'succeeded';
    const length = existsSync(pathOf(out)) ? wholeLines(out) : 0;
    const items = new DoneItems(out);
    const found = { failed: 0, doubles: 0, hasDropped: false };
    for await (const { index, input, ok } of readResults(out, length)) {
      if (!ok && isRerun) found.hasDropped = true;
      else if (items.hasIndex(index)) found.doubles++;
      else {
        items.add({ index, value: input });
        if (!ok) found.failed++;
      }
    }
    return new PreviousRun(out, { ...found, length, items, isRerun, journal: await Journal.read(out) });
  }

  /** Bytes of whole lines of results; what is behind them is to be dropped. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes the results of items that are to be run again out of the file, and all but the first of any other. Rejects with `UsageError`.
   */
  async dropUndone(): Promise<void> {
    if (this.#hasDropped || this.doubles > 0) this.#length = await rewriteFile(this.#out, this.#kept());
  }

  /** Items that are not run again. */
  get count(): number {
    return this.#done.count;
  }

  /** Whether an item is not run again. Throws `UsageError` if its line is about another item. */
  has(item: Item): boolean {
    return this.#done.has(item);
  }

  /** The items that are to be run. */
  async *rest(portions: AsyncIterable<readonly Item[]>): AsyncGenerator<readonly Item[], void, undefined> {
    for await (const items of portions) yield items.filter((item) => !this.has(item));
  }

  /** What the ids of its items in a store have in common; undefined if it had none, or if what has failed is to be run again. */
  get storeRun(): string | undefined {
    return this.#isRerun ? undefined : this.#journal?.identity.run;
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
  async *failures(): AsyncGenerator<string, void, undefined> {
    for await (const { ok, text } of readResults(this.#out, this.#length)) if (!ok) yield text;
  }

  async *#kept(): AsyncGenerator<string, void, undefined> {
    const seen = new IndexSet();
    for await (const { index, ok, text } of readResults(this.#out, this.#length)) {
      if ((!ok && this.#isRerun) || seen.has(index)) continue;
      seen.add(index);
      yield text;
    }
  }
}

/** What was read of it. */
interface Found {
  readonly length: number;
  readonly items: DoneItems;
  readonly failed: number;
  readonly doubles: number;
  readonly hasDropped: boolean;
  readonly isRerun: boolean;
  readonly journal: Journaled | undefined;
}
