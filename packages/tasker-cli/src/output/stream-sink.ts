import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { standardOutput } from '../basics/standard-output.ts';
import type { Sink } from './sink.ts';

/** Writes to standard output, a pipe or a device, whose reader may be slow. */
export class StreamSink implements Sink {
  readonly #stream: Writable;
  #draining: Promise<unknown> | undefined;

  constructor(stream: Writable, failed: (error: unknown) => void) {
    this.#stream = stream;
    stream.on('error', failed);
  }

  write(text: string): void {
    this.#stream.write(text);
  }

  room(): Promise<unknown> | undefined {
    if (!this.#stream.writableNeedDrain) return undefined;
    this.#draining ??= once(this.#stream, 'drain')
      .catch(() => {}) // a failure is told
      .finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  /** Resolves when the system has it. */
  async end(): Promise<void> {
    if (this.#stream === standardOutput)
      await new Promise<void>((resolve) => void this.#stream.write('', () => resolve()));
    else await new Promise<void>((resolve) => void this.#stream.once('close', resolve).end());
  }
}
