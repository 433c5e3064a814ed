import { createReadStream, statSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { pathOf } from '../basics/path-of.ts';
import { BadInput } from './item.ts';
import type { Entry, Source } from './item.ts';
import { formatCount } from '../basics/numbers.ts';
import { UsageError, codeOf, messageOf } from '../basics/usage-error.ts';
import { Decoder } from './decoder.ts';

const STANDARD_INPUT = '-';

type Tell = (problem: BadInput) => void;

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

  /** Its bytes, as {@link bytes}; `bad` is told, once, if they are not UTF-8. */
  async *checked(bad: Tell, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
    const decoder = this.#decoder(bad);
    for await (const bytes of this.bytes(signal)) {
      decoder.decode(bytes);
      yield bytes;
    }
    decoder.end();
  }

  /** Its text, without a byte order mark. `bad` is told, once, if it is not UTF-8; if that returns, what is wrong becomes `�`. */
  async *text(bad: Tell, signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
    const decoder = this.#decoder(bad);
    for await (const bytes of this.bytes(signal)) yield decoder.decode(bytes);
    yield decoder.end();
  }

  #decoder(bad: Tell): Decoder {
    return new Decoder((from, to) => {
      const where = `somewhere from byte ${formatCount(from)} to ${formatCount(to)}`;
      bad(new BadInput(this.name, undefined, `it is not UTF-8, ${where}; convert it, as by iconv -f LATIN1 -t UTF-8`));
    });
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
