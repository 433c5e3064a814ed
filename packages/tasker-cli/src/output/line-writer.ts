import { createWriteStream, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { pathOf } from '../basics/path-of.ts';
import { standardOutput } from '../basics/standard-output.ts';
import { UsageError, codeOf, messageOf } from '../basics/usage-error.ts';
import { FileSink } from './file-sink.ts';
import { isFileOfItsOwn } from './own-file.ts';
import type { Sink } from './sink.ts';
import { StreamSink } from './stream-sink.ts';

/** How a writer fails: nobody reads it any more, as with `| head`, or it cannot be written, as on a full disk. */
export interface WriteFailure {
  readonly isClosed: boolean;
  readonly message: string;
}

/** How a file is written. */
export interface FileOptions {
  /** So many of its bytes stay. */
  readonly kept: number;
  /** Whether each line is in the file before anything else happens. */
  readonly isAtOnce: boolean;
}

/** So many characters are not held back until the turn is over. */
const PORTION = 65_536;

/**
 * Writes lines to a file or to standard output: those of a turn of the event loop together. It never waits; whoever makes lines
 * waits for `room`.
 */
export class LineWriter {
  readonly name: string;
  /** Whether it writes to a file, and not to a pipe or a device. */
  readonly isFile: boolean;
  readonly #sink: Sink;
  readonly #isAtOnce: boolean;
  readonly #failed: (failure: WriteFailure) => void;
  #lines: string[] = [];
  /** Characters of `#lines`. */
  #length = 0;
  #isFailed = false;

  private constructor(
    name: string,
    open: (failed: (error: unknown) => void) => Sink,
    failed: (failure: WriteFailure) => void,
    isAtOnce = false,
  ) {
    this.name = name;
    this.#sink = open((error) => this.#fail(error));
    this.isFile = this.#sink instanceof FileSink;
    this.#isAtOnce = isAtOnce;
    this.#failed = failed;
  }

  /** Opens a file. Throws `UsageError`. */
  static file(path: string, failed: (failure: WriteFailure) => void, { kept, isAtOnce }: FileOptions): LineWriter {
    try {
      const fd = openSync(pathOf(path), 'a');
      if (!isFileOfItsOwn(fstatSync(fd))) {
        return new LineWriter(path, (fail) => new StreamSink(createWriteStream(path, { fd }), fail), failed);
      }
      ftruncateSync(fd, kept);
      return new LineWriter(path, () => new FileSink(fd), failed, isAtOnce);
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${messageOf(error)}`);
    }
  }

  static standardOutput(failed: (failure: WriteFailure) => void): LineWriter {
    return new LineWriter('standard output', (fail) => new StreamSink(standardOutput, fail), failed);
  }

  write(line: string): void {
    if (this.#isFailed) return;
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#isAtOnce || this.#length >= PORTION) this.flush();
    else if (this.#lines.length === 1) setImmediate(() => this.flush());
  }

  /** Undefined if more may be written; else a wait, to ask again. */
  room(): Promise<unknown> | undefined {
    return this.#isFailed ? undefined : this.#sink.room();
  }

  /** Writes what is left; resolves when it is where it belongs, or the writer has failed. */
  async end(): Promise<void> {
    this.flush();
    if (this.#isFailed) return;
    try {
      await this.#sink.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes what is held back until the turn is over. */
  flush(): void {
    if (this.#lines.length === 0 || this.#isFailed) return;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#length = 0;
    try {
      this.#sink.write(text);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    const isClosed = codeOf(error) === 'EPIPE';
    this.#failed({ isClosed, message: `${this.name} cannot be written: ${messageOf(error)}` });
  }
}
