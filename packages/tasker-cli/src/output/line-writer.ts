import { once } from 'node:events';
import { createWriteStream, fstatSync, ftruncateSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { UsageError, codeOf, messageOf } from '../basics/usage-error.ts';

/** How a writer fails: nobody reads it any more, as with `| head`, or it cannot be written, as on a full disk. */
export interface WriteFailure {
  readonly isClosed: boolean;
  readonly message: string;
}

/**
 * Writes lines to a file or to standard output: those of a turn of the event loop together. It never waits; whoever makes lines
 * waits for `room`.
 */
export class LineWriter {
  readonly name: string;
  /** Whether it writes to a file, and not to a pipe or a device. */
  readonly isFile: boolean;
  readonly #stream: Writable;
  readonly #failed: (failure: WriteFailure) => void;
  #lines: string[] = [];
  #isFailed = false;
  #draining: Promise<unknown> | undefined;

  private constructor(name: string, stream: Writable, isFile: boolean, failed: (failure: WriteFailure) => void) {
    this.name = name;
    this.isFile = isFile;
    this.#stream = stream;
    this.#failed = failed;
    stream.on('error', (error) => this.#fail(error));
  }

  /** Opens a file, of which the first `kept` bytes stay. Throws `UsageError`. */
  static file(path: string, failed: (failure: WriteFailure) => void, kept = 0): LineWriter {
    try {
      const fd = openSync(path, 'a');
      const isFile = fstatSync(fd).isFile();
      if (isFile) ftruncateSync(fd, kept);
      return new LineWriter(path, createWriteStream(path, { fd }), isFile, failed);
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${messageOf(error)}`);
    }
  }

  static standardOutput(failed: (failure: WriteFailure) => void): LineWriter {
    return new LineWriter('standard output', process.stdout, false, failed);
  }

  write(line: string): void {
    if (this.#isFailed) return;
    if (this.#lines.length === 0) setImmediate(() => this.#flush());
    this.#lines.push(line);
  }

  /** Undefined if more may be written; else a wait, to ask again: one for all who ask meanwhile. */
  room(): Promise<unknown> | undefined {
    if (this.#isFailed || !this.#stream.writableNeedDrain) return undefined;
    this.#draining ??= once(this.#stream, 'drain')
      .catch(() => {}) // a failure is told
      .finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  /** Writes what is left; resolves when the system has it, or the writer has failed. */
  async end(): Promise<void> {
    this.#flush();
    if (this.#isFailed) return;
    if (this.#stream === process.stdout)
      await new Promise<void>((resolve) => void this.#stream.write('', () => resolve()));
    else await new Promise<void>((resolve) => void this.#stream.once('close', resolve).end());
  }

  #flush(): void {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0 && !this.#isFailed) this.#stream.write(`${lines.join('\n')}\n`);
  }

  #fail(error: unknown): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    const isClosed = codeOf(error) === 'EPIPE';
    this.#failed({ isClosed, message: `${this.name} cannot be written: ${messageOf(error)}` });
  }
}
