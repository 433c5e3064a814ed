import { readdir, statSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { isAbsolute, normalize, relative } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { START, pathOf } from '../basics/path-of.ts';
import { UsageError, codeOf, messageOf } from '../basics/usage-error.ts';
import { BadInput } from './item.ts';
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
    this.#written = new Set(written.map((path) => pathOf(path)));
  }

  async *read(bad: (problem: BadInput) => void): AsyncGenerator<readonly Entry[], void, undefined> {
    this.#paths ??= await this.#find(bad);
    yield this.#paths.map((path) => ({ value: path, line: undefined }));
  }

  async #find(bad: (problem: BadInput) => void): Promise<string[]> {
    const paths = new Set<string>();
    for (const pattern of this.#patterns) for (const path of await matches(pattern, bad)) paths.add(path);
    const read = [...paths].filter((path) => !this.#written.has(pathOf(path)));
    if (read.length === 0) throw new UsageError(`${this.#patterns.join(' ')}: no file but those that the run writes`);
    return read.toSorted();
  }
}

/** A name that is there stands for itself, whatever its characters would mean in a pattern. */
async function matches(pattern: string, bad: (problem: BadInput) => void): Promise<string[]> {
  const found = statOf(pattern);
  if (found?.isDirectory() === true) {
    throw new UsageError(`${pattern} is a folder; for the files in it write '${pattern.replace(/\/+$/, '')}/**'`);
  }
  if (found !== undefined) return [normalize(pattern)];
  if (!isDynamicPattern(pattern)) throw new UsageError(`${pattern} cannot be read: no such file`);
  const closed: BadInput[] = [];
  const fs = { readdir: telling((folder) => closed.push(new BadInput(folder, undefined, 'permission denied'))) };
  const paths = await glob(pattern, { cwd: START, absolute: isAbsolute(pattern), expandDirectories: false, fs });
  for (const problem of closed) bad(problem);
  if (paths.length === 0) throw new UsageError(`${pattern} matches no file`);
  return paths;
}

/** What is there by that name. Not every pattern may be a name: one with many braces is too long. */
function statOf(pattern: string): Stats | undefined {
  try {
    return statSync(pathOf(pattern), { throwIfNoEntry: false });
  } catch (error) {
    if (isDynamicPattern(pattern)) return undefined;
    throw new UsageError(`${pattern} cannot be read: ${messageOf(error)}`);
  }
}

/** The `readdir` of Node, which tells of folders that may not be read: a search passes over them in silence. */
function telling(closed: (folder: string) => void): typeof readdir {
  const tell = (folder: string, options: { withFileTypes: true }, done: (...found: Found) => void): void =>
    readdir(folder, options, (...found) => {
      if (['EACCES', 'EPERM'].includes(codeOf(found[0]) ?? '')) closed(relative(START, folder));
      done(...found);
    });
  return tell as typeof readdir;
}

type Found = [error: NodeJS.ErrnoException | null, entries: Dirent[]];
