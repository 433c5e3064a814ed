import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A link to nowhere: a file that nobody can read, not even root. */
export const DANGLING: unique symbol = Symbol('dangling');

export type Files = Record<string, string | Buffer | typeof DANGLING>;

/** Makes a folder with these files in it, by their paths; it is gone after the test. */
export async function makeFolder(files: Files): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tasker-examples-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    if (content === DANGLING) await symlink('nowhere', file);
    else await writeFile(file, content);
  }
  return folder;
}

/** The files of a package in a folder: its manifest, and an `index.js` of some size. */
export function packageFiles(folder: string, version = '1.0.0', lines = 10): Files {
  const code = Array.from({ length: lines }, (_, index) => `export const value${index} = ${index * 7919};\n`).join('');
  return {
    [`${folder}/package.json`]: JSON.stringify({ name: 'any', version }),
    [`${folder}/index.js`]: code,
  };
}
