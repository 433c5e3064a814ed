import { statSync } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { UsageError } from '../basics/usage-error.ts';
import type { Entry, Source } from './item.ts';

/** The paths of the files that match patterns, each once and sorted, so that two runs agree. */
export class GlobSource implements Source {
  readonly name = 'the files';
  readonly isRepeatable = true;
  readonly #patterns: readonly string[];
  #paths: readonly string[] | undefined;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
  }

  async *read(): AsyncGenerator<readonly Entry[], void, undefined> {
    this.#paths ??= await this.#find();
    yield this.#paths.map((path) => ({ value: path, line: undefined }));
  }

  async #find(): Promise<string[]> {
    const paths = new Set<string>();
    for (const pattern of this.#patterns) for (const path of await matches(pattern)) paths.add(path);
    return [...paths].toSorted();
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
