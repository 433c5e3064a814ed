import { fstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';

const STANDARD_OUTPUT = 1;

/** Whether it is a file: no pipe, no device, and not what standard output goes to, which may be named `/dev/stdout`. */
export function isFileOfItsOwn(stats: Stats): boolean {
  if (!stats.isFile()) return false;
  const { dev, ino } = fstatSync(STANDARD_OUTPUT);
  return stats.dev !== dev || stats.ino !== ino;
}

/** Whether a new run would take away what is in a file. */
export function holdsAnything(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.size > 0 && isFileOfItsOwn(stats);
}
