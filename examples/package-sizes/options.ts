import { readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  readonly folder: string;
  readonly json: string;
  /** The package to be asked for meanwhile. */
  readonly ask: string | undefined;
  readonly help: boolean;
}

/** What the person at the keyboard got wrong: shown in one line. */
export class UsageError extends Error {}

export const HELP = `Reports the gzip and brotli size of every installed package.

Usage: npm start -- [FOLDER] [--json PATH] [--ask NAME]

  FOLDER       the node_modules folder (default: ./node_modules)
  --json PATH  where the whole report goes (default: ./package-sizes.json)
  --ask NAME   measure this package at once, past the queue (default: the smallest one)
  --help       show this

Ctrl-C finishes the packages that are being measured and reports those; a second one ends at once.

Exit codes: 0 all packages were measured; 1 some could not be read, they are listed at the end; 2 wrong usage, or the
report could not be written; 130 interrupted.
`;

/** Reads the command line. Throws {@link UsageError}. */
export function parseOptions(args: string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'string' }, ask: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const [folder = 'node_modules', ...others] = positionals;
    if (others.length > 0) throw new UsageError(`one folder at most, got also ${others.join(', ')}`);
    return {
      folder: resolve(folder),
      json: resolve(values.json ?? 'package-sizes.json'),
      ask: values.ask,
      help: values.help === true,
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

/** Finds out before the work starts, rather than after it, that a path is wrong. Throws {@link UsageError}. */
export async function checkPaths({ folder, json }: Options): Promise<void> {
  await readdir(folder).catch((error: unknown) => {
    throw new UsageError(`cannot read the folder ${folder} (${codeOf(error)})`);
  });
  await readdir(dirname(json)).catch((error: unknown) => {
    throw new UsageError(`cannot write ${json}: no such folder (${codeOf(error)})`);
  });
  const target = await stat(json).catch(() => undefined);
  if (target?.isDirectory() === true) throw new UsageError(`cannot write ${json}: it is a folder`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
