import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { wholeLines } from './whole-lines.ts';

/** What a run was about, so that it is resumed with the same. */
export interface RunIdentity {
  /** A hash of all items in their order; null if they could be read only once. */
  readonly items: string | null;
  /** The seed of the order; null for that of the input. */
  readonly seed: number | null;
}

/**
 * A file beside the results, there until all items have a line: first what the run was about, then with `--once` the index of each item
 * that has begun, before it does.
 */
export class Journal {
  readonly #path: string;
  readonly #fd: number;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Begins that of a new run. Throws `UsageError`. */
  static begin(out: string, identity: RunIdentity): Journal {
    const path = pathOf(out);
    try {
      const fd = openSync(path, 'w');
      writeSync(fd, `${JSON.stringify(identity)}\n`);
      return new Journal(path, fd);
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${messageOf(error)}`);
    }
  }

  /** Goes on with that of a run that is resumed; half a line at its end is dropped. */
  static goOn(out: string, identity: RunIdentity): Journal {
    const path = pathOf(out);
    if (!existsSync(path) || wholeLines(path) === 0) return Journal.begin(out, identity);
    const length = wholeLines(path);
    const fd = openSync(path, 'a');
    ftruncateSync(fd, length);
    return new Journal(path, fd);
  }

  /** What one says: the identity, and the items that had begun. Undefined if there is none. */
  static read(out: string): { readonly identity: RunIdentity; readonly begun: ReadonlySet<number> } | undefined {
    const path = pathOf(out);
    if (!existsSync(path)) return undefined;
    const [first = '', ...begun] = readFileSync(path).subarray(0, wholeLines(path)).toString().split('\n').slice(0, -1);
    if (first === '') return undefined;
    try {
      return { identity: JSON.parse(first) as RunIdentity, begun: new Set(begun.map(Number)) };
    } catch {
      throw new UsageError(`${path} is no journal of tasker run, so nothing can be resumed`);
    }
  }

  /** An item begins. The system has it when this returns. */
  began(index: number): void {
    writeSync(this.#fd, `${index}\n`);
  }

  /** All items have a line: nothing is left to be resumed. */
  remove(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }
}

const pathOf = (out: string): string => `${out}.journal`;
