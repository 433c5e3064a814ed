import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../../src/store/folder-lock.ts';
import { processStart } from '../../src/store/process-start.ts';
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

test('a process that lives holds it, and a later one with the same number does not', async () => {
  const pid = process.ppid;
  const start = await processStart(pid);
  hold({ pid, host: hostname(), startedAt: 1, start });
  expect(await failing(FolderLock.acquire(folder))).toMatchObject({ code: 'STORE_IN_USE' });
  hold({ pid, host: hostname(), startedAt: 1, start: `${start} before` });
  const lock = await FolderLock.acquire(folder);
  expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ start: await processStart(process.pid) });
  await lock.release();
});

test('the start of a process is told, that of none is not', async () => {
  expect(await processStart(process.pid)).toMatch(/\d/);
  expect(await processStart(process.pid)).not.toBe(await processStart(process.ppid));
  expect(await processStart(2 ** 30)).toBeUndefined();
});

test('a process of another machine, of which nobody here can tell, holds it', async () => {
  hold({ pid: 1, host: 'elsewhere', startedAt: 1 });
  const error = await failing(FolderLock.acquire(folder));
  expect(error).toMatchObject({ code: 'STORE_IN_USE', message: expect.stringContaining('process 1 of elsewhere') });
});
