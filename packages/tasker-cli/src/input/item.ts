import { UsageError } from '../basics/usage-error.ts';

/** A value as it was read, and where. */
export interface Entry {
  readonly value: unknown;
  /** The line of its file, from 1, on which it ends; undefined for a path, and where nobody asks. */
  readonly line: number | undefined;
}

/** What the worker is run for once. */
export interface Item {
  /** Its place in the input, from 0. A shuffle does not change it. */
  readonly index: number;
  readonly value: unknown;
}

/** Where items come from: one source for each run. */
export interface Source {
  /** Its name in messages: a file, or `standard input`. */
  readonly name: string;
  /** Whether it can be read twice, so that it may be checked before anything is run. */
  readonly isRepeatable: boolean;
  /**
   * Reads it, in portions of what is there at once. What is malformed goes to `bad`, which may throw: then nothing of its portion
   * is yielded.
   */
  read(bad: (problem: BadInput) => void, signal?: AbortSignal): AsyncIterable<readonly Entry[]>;
}

/** A line that makes no item. */
export class BadInput extends UsageError {
  constructor(where: string, line: number | undefined, what: string) {
    super(`${where}${line === undefined ? '' : `:${line}`}: ${what}`);
  }
}
