import { createReadStream, statSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { pathOf } from '../basics/path-of.ts';
import { BadInput } from './item.ts';
import type { Entry, Source } from './item.ts';
import { UsageError, codeOf, messageOf } from '../basics/usage-error.ts';

const STANDARD_INPUT = '-';

/** A source that reads one input. */
export abstract class InputSource implements Source {
  protected readonly input: Input;

  constructor(input: Input) {
    this.input = input;
  }

  get name(): string {
    return this.input.name;
  }

  get isRepeatable(): boolean {
    return this.input.isRepeatable;
  }

  abstract read(bad: (problem: BadInput) => void, signal?: AbortSignal): AsyncIterable<readonly Entry[]>;
}

/** A file, or standard input, as it is opened each time it is read. */
export class Input {
  readonly name: string;
  readonly isRepeatable: boolean;
  readonly #path: string;

  /** Throws `UsageError` if there is no such file. */
  constructor(path: string) {
    this.#path = path;
    this.name = path === STANDARD_INPUT ? 'standard input' : path;
    this.isRepeatable = path !== STANDARD_INPUT && isRegularFile(path);
  }

  /** Its bytes, decompressed if its name ends in `.gz`. An abort of the signal ends them with an error. */
  async *bytes(signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
    const raw: Readable = this.#path === STANDARD_INPUT ? process.stdin : createReadStream(pathOf(this.#path));
    if (signal !== undefined) addAbortSignal(signal, raw);
    try {
      yield* this.#path.endsWith('.gz') ? decompressed(raw) : raw;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new BadInput(this.name, undefined, `cannot be read: ${messageOf(error)}`);
    } finally {
      raw.destroy();
    }
  }

  /** Its text, without a byte order mark. */
  async *text(signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder();
    for await (const bytes of this.bytes(signal)) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  }
}

function decompressed(raw: Readable): Readable {
  const gunzip = createGunzip();
  raw.once('error', (error) => gunzip.destroy(error));
  return raw.pipe(gunzip);
}

function isRegularFile(path: string): boolean {
  try {
    const found = statSync(pathOf(path));
    if (found.isDirectory()) throw new UsageError(`${path} is a folder; it takes a file, or - for standard input`);
    return found.isFile();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UsageError(`${path} cannot be read: ${codeOf(error) === 'ENOENT' ? 'no such file' : messageOf(error)}`);
  }
}
