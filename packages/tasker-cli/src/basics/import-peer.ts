import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { START } from './path-of.ts';
import { UsageError, codeOf } from './usage-error.ts';

/**
 * Loads a package that is not installed with the command: from beside it, or from the current folder, as where the command is installed
 * for all projects. Rejects with `UsageError` if it is in neither; `use` is what asks for it.
 */
export async function importPeer<T>(name: string, use: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND' || !mentions(error, name)) throw error;
  }
  let path: string;
  try {
    path = createRequire(join(START, 'any.js')).resolve(name);
  } catch (error) {
    throw new UsageError(`${use} needs the package ${name}: npm install ${name}`, { cause: error });
  }
  return (await import(pathToFileURL(path).href)) as T;
}

/** Whether it is the package itself that is missing, and not one that it needs. */
const mentions = (error: unknown, name: string): boolean =>
  error instanceof Error && error.message.includes(`'${name}'`);
