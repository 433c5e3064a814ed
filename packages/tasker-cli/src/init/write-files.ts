import { lstat, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError, messageOf } from '../basics/usage-error.ts';

const TEMPLATES_FOLDER = fileURLToPath(new URL('../../templates/', import.meta.url));

/**
 * Copies the files of a template into a folder, which is made if it is not there. Returns their paths in it. Throws `UsageError`, and
 * leaves no file, if one of them is there already.
 */
export async function writeFiles(template: string, folder: string): Promise<string[]> {
  const source = join(TEMPLATES_FOLDER, template);
  const files = await filesIn(source);
  await refuseExisting(files, folder);
  const written: string[] = [];
  try {
    for (const file of files) {
      const target = join(folder, file);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, await readFile(join(source, file)), { flag: 'wx' }); // it may have come meanwhile
      written.push(target);
    }
  } catch (error) {
    for (const target of written) await rm(target, { force: true });
    throw new UsageError(`nothing was written: ${messageOf(error)}`, { cause: error });
  }
  return files;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

async function refuseExisting(files: readonly string[], folder: string): Promise<void> {
  const existing: string[] = [];
  for (const file of files) if (await isThere(join(folder, file))) existing.push(file);
  if (existing.length === 0) return;
  const are = existing.length === 1 ? 'is' : 'are';
  throw new UsageError(
    `nothing was written: ${existing.join(', ')} ${are} there already (--dir FOLDER writes into another folder)`,
  );
}

/** Whether something has that name, were it a link to nowhere. */
const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
