import { appendFileSync, closeSync, fsync } from 'node:fs';
import { promisify } from 'node:util';
import type { Sink } from './sink.ts';

/**
 * Writes to a file before `write` returns: what a killed process had written is there. A disk that is slow holds the whole process back,
 * so that there is always room.
 */
export class FileSink implements Sink {
  readonly #fd: number;

  /** Takes a file that was opened for appending. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string): void {
    appendFileSync(this.#fd, text);
  }

  room(): undefined {
    return undefined;
  }

  /** Resolves when the disk has it: a loss of power takes nothing away. */
  async end(): Promise<void> {
    try {
      await promisify(fsync)(this.#fd);
    } finally {
      closeSync(this.#fd);
    }
  }
}
