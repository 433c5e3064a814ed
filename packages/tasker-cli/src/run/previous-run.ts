import { existsSync } from 'node:fs';
import { UsageError } from '../basics/usage-error.ts';
import type { Item } from '../input/item.ts';
import { DoneItems } from '../output/done-items.ts';
import { Journal } from '../output/journal.ts';
import type { Journaled, RunIdentity } from '../output/journal.ts';
import { readResults } from '../output/read-results.ts';
import { wholeLines } from '../output/whole-lines.ts';

/** What an earlier run has left behind: its results, and its journal if it has not ended well. */
export class PreviousRun {
  /** Bytes of whole lines of results; what is behind them is to be dropped. */
  readonly length: number;
  readonly #out: string;
  readonly #done: DoneItems;
  /** Undefined if it has ended well, or nothing had begun. */
  readonly #journal: Journaled | undefined;

  private constructor(out: string, length: number, done: DoneItems, journal: Journaled | undefined) {
    this.#out = out;
    this.length = length;
    this.#done = done;
    this.#journal = journal;
  }

  /** Reads it. Throws `UsageError` if the file has anything but results. */
  static async read(out: string): Promise<PreviousRun> {
    const length = existsSync(out) ? wholeLines(out) : 0;
    const done = new DoneItems(out);
    for await (const { index, input } of readResults(out, length)) done.add({ index, value: input });
    return new PreviousRun(out, length, done, await Journal.read(out));
  }

  /** Items that have a line. */
  get count(): number {
    return this.#done.count;
  }

  /** Whether an item has a line. Throws `UsageError` if that is about another item. */
  has(item: Item): boolean {
    return this.#done.has(item);
  }

  /** The items that have no line yet. */
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
  async *failures(): AsyncGenerator<string, void, undefined> {
    for await (const { ok, text } of readResults(this.#out, this.length)) if (!ok) yield text;
  }
}
