import { accessSync, constants, fstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError, messageOf } from '../basics/usage-error.ts';

/** Throws `UsageError` if a page about the results in `file` cannot be written there: before all of them are read. */
export function assertPlace(page: string, file: string): void {
  const there = statSync(page, { throwIfNoEntry: false });
  const input = file === '-' ? fstatSync(process.stdin.fd) : statSync(file);
  if (there !== undefined && there.ino === input.ino && there.dev === input.dev) {
    throw new UsageError(`${page} has the results: --html would write over them`);
  }
  if (there?.isDirectory() === true) throw new UsageError(`${page} is a folder; --html takes a file`);
  try {
    accessSync(there === undefined ? dirname(page) : page, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${page} cannot be written: ${messageOf(error)}`);
  }
}
