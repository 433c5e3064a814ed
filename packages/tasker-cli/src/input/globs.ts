import { statSync } from 'node:fs';
import { isAbsolute, normalize, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { UsageError } from '../basics/usage-error.ts';
import type { Entry, Source } from './item.ts';

/**
 * The paths of the files that match patterns, each once and sorted, so that two runs agree; without those that the run itself writes,
 * which only the second one finds.
 */
export class GlobSource implements Source {
  readonly name = 'the files';
  readonly isRepeatable = true;
  readonly #patterns: readonly string[];
  readonly #written: ReadonlySet<string>;
  #paths: readonly string[] | undefined;

  constructor(patterns: readonly string[], written: readonly string[] = []) {
    this.#patterns = patterns;
    this.#written = new Set(written.map((path) => resolve(path)));
  }

  async *read(): AsyncGenerator<readonly Entry[], void, undefined> {
    this.#paths ??= await this.#find();
    yield this.#paths.map((path) => ({ value: path, line: undefined }));
  }

  async #find(): Promise<string[]> {
    const paths = new Set<string>();
    for (const pattern of this.#patterns) for (const path of await matches(pattern)) paths.add(path);
    const read = [...paths].filter((path) => !this.#written.has(resolve(path)));
    if (read.length === 0) throw new UsageError(`${this.#patterns.join(' ')}: no file but those that the run writes`);
    return read.toSorted();
  }
}

/** A name that is there stands for itself, whatever its characters would mean in a pattern. */
async function matches(pattern: string): Promise<string[]> {
  const found = statSync(pattern, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    throw new UsageError(`${pattern} is a folder; for the files in it write '${pattern.replace(/\/+$/, '')}/**'`);
  }
  if (found !== undefined) return [normalize(pattern)];
  if (!isDynamicPattern(pattern)) throw new UsageError(`${pattern} cannot be read: no such file`);
  const paths = await glob(pattern, { absolute: isAbsolute(pattern), expandDirectories: false });
  if (paths.length === 0) throw new UsageError(`${pattern} matches no file`);
  return paths;
}
