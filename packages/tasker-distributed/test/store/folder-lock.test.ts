import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../../src/store/folder-lock.ts';
import { failing } from '../support/failing.ts';
import { RunLog } from '../support/run-log.ts';

let log: RunLog;
let folder: string;
const hold = (holder: unknown): void =>
  writeFileSync(`${folder}.lock`, typeof holder === 'string' ? holder : JSON.stringify(holder));

beforeEach(() => {
  log = new RunLog();
  folder = join(log.folder, 'data');
});
afterEach(() => log.remove());

test('one at a time has it, of many that try at once', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => FolderLock.acquire(folder)));
  const got = tries.filter(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<FolderLock>[];
  expect(got.length).toBe(1);
  await got[0]?.value.release();
  expect(existsSync(`${folder}.lock`)).toBe(false);
  await (await FolderLock.acquire(folder)).release();
});

test('one at a time takes it from a holder that has died, of many that try at once', async () => {
  hold({ pid: 2 ** 30, host: hostname(), startedAt: 1 });
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => FolderLock.acquire(folder)));
  expect(tries.filter(({ status }) => status === 'fulfilled').length).toBe(1);
});

test('a process before this one with the same number does not hold it, nor does a file without sense', async () => {
  for (const holder of [{ pid: process.pid, host: hostname(), startedAt: 1 }, '', 'half a li']) {
    hold(holder);
    await (await FolderLock.acquire(folder)).release();
  }
});

test('a process of another machine, of which nobody here can tell, holds it', async () => {
  hold({ pid: 1, host: 'elsewhere', startedAt: 1 });
  const error = await failing(FolderLock.acquire(folder));
  expect(error).toMatchObject({ code: 'STORE_IN_USE', message: expect.stringContaining('process 1 of elsewhere') });
});
