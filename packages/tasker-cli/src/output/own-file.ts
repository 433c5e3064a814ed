import { existsSync, fstatSync, realpathSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathOf } from '../basics/path-of.ts';

const STANDARD_OUTPUT = 1;

/** Whether it is a file: no pipe, no device, and not what standard output goes to, which may be named `/dev/stdout`. */
export function isFileOfItsOwn(stats: Stats): boolean {
  if (!stats.isFile()) return false;
  const { dev, ino } = fstatSync(STANDARD_OUTPUT);
  return stats.dev !== dev || stats.ino !== ino;
}

/** Whether a new run would take away what is in a file. */
export function holdsAnything(path: string): boolean {
  const stats = statSync(pathOf(path), { throwIfNoEntry: false });
  return stats !== undefined && stats.size > 0 && isFileOfItsOwn(stats);
}

/** Whether it is such a file, or is not there yet. */
export function isOrBecomesFile(path: string): boolean {
  const stats = statSync(pathOf(path), { throwIfNoEntry: false });
  return stats === undefined || isFileOfItsOwn(stats);
}

/** The path of a file, which need not be there, without links. */
export function realName(name: string): string {
  const path = pathOf(name);
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return join(existsSync(folder) ? realpathSync(folder) : folder, basename(path));
}

/** The same for all names of a file, hard links as well. */
export function identityOf(path: string): string {
  const stats = statSync(pathOf(path), { throwIfNoEntry: false });
  return stats?.isFile() === true ? `${stats.dev} ${stats.ino}` : realName(path);
}
