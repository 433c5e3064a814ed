import { appendFileSync, closeSync, createReadStream, existsSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { pathOf } from '../basics/path-of.ts';
import { readLines } from '../basics/read-lines.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { parseJson } from '../basics/parse-json.ts';
import { IndexSet } from './index-set.ts';
import { wholeLines } from './whole-lines.ts';

/** What a run was about, so that it is resumed with the same. */
export interface RunIdentity {
  /** A hash of all items in their order; null if they could be read only once. */
  readonly items: string | null;
  /** The seed of the order; null for that of the input. */
  readonly seed: number | null;
  /** What the ids of its items in a store have in common; undefined for a run without one. */
  readonly run?: string | undefined;
}

/** What a journal says. */
export interface Journaled {
  readonly identity: RunIdentity;
  /** Items that had begun. */
  readonly begun: IndexSet;
}

/** How a journal is opened. */
export interface JournalOptions {
  /** Whether it goes on with that of an earlier run. */
  readonly isResumed: boolean;
  /** Whether the disk has an entry before the item begins: then a loss of power does not take it away. */
  readonly isDurable: boolean;
}

/**
 * A file beside the results, there until all items have a line: first what the run was about, then with `--once` the index of each item
 * that has begun, before it does. In a store an item begins when it is submitted; `~` and its index take it back.
 */
export class Journal {
  readonly path: string;
  readonly #fd: number;
  /** After half an entry another one would make a wrong one. */
  #failure: { readonly error: unknown } | undefined;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /** Opens that of a run; half a line at its end is dropped. Throws `UsageError`. */
  static open(out: string, identity: RunIdentity, { isResumed, isDurable }: JournalOptions): Journal {
    const path = journalOf(out);
    try {
      const fd = openSync(pathOf(path), isDurable ? 'as' : 'a');
      const kept = isResumed ? wholeLines(path) : 0;
      ftruncateSync(fd, kept);
      const journal = new Journal(path, fd);
      if (kept === 0) journal.#write(JSON.stringify(identity));
      return journal;
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${messageOf(error)}`);
    }
  }

  /** Reads one. Resolves with undefined if there is none; rejects with `UsageError` if it is something else. */
  static async read(out: string): Promise<Journaled | undefined> {
    const path = journalOf(out);
    const length = existsSync(pathOf(path)) ? wholeLines(path) : 0;
    if (length === 0) return undefined;
    let identity: RunIdentity | undefined;
    const begun = new IndexSet();
    const chunks = createReadStream(pathOf(path), { end: length - 1, encoding: 'utf8' });
    for await (const lines of readLines(chunks, path)) {
      for (const { text } of lines) {
        if (identity === undefined) identity = parseIdentity(text, path);
        else if (text.startsWith(TAKEN_BACK)) begun.delete(parseIndex(text.slice(1), path));
        else begun.add(parseIndex(text, path));
      }
    }
    return identity && { identity, begun };
  }

  /** An item begins. Throws if that cannot be written; then no item may begin any more. */
  began(index: number): void {
    this.#enter(String(index));
  }

  /** An item was taken back out of a store before it was run. Throws as `began` does. */
  takenBack(index: number): void {
    this.#enter(`${TAKEN_BACK}${index}`);
  }

  #enter(entry: string): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      this.#write(entry);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** All items have a line: nothing is left to be resumed. */
  remove(): void {
    closeSync(this.#fd);
    rmSync(pathOf(this.path), { force: true });
  }

  #write(line: string): void {
    appendFileSync(this.#fd, `${line}\n`);
  }
}

/** Before the index of an item that had not begun after all. */
const TAKEN_BACK = '~';

/** Where the journal of results is. */
export const journalOf = (out: string): string => `${out}.journal`;

function parseIdentity(text: string, path: string): RunIdentity {
  const { items, seed, run } = Object(parseJson(text)) as Record<keyof RunIdentity, unknown>;
  if (items !== null && typeof items !== 'string') throw noJournal(path);
  if (seed !== null && typeof seed !== 'number') throw noJournal(path);
  if (run !== undefined && typeof run !== 'string') throw noJournal(path);
  return { items, seed, run };
}

function parseIndex(text: string, path: string): number {
  const index = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(index)) return index;
  throw noJournal(path);
}

const noJournal = (path: string): UsageError =>
  new UsageError(`${path} is not a journal of tasker run, so nothing can be resumed`);
