/** What the demo needs around it, until it leaves the scope: `await using`. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQueue } from 'tasker-distributed/bullmq';
import { PostgresServer } from '../../packages/tasker/test/faults/postgres-server.ts';

/** A PostgreSQL of our own. */
export async function startStore(): Promise<AsyncDisposable & { url: string }> {
  const server = await PostgresServer.create();
  await server.start();
  const url = `postgres://postgres@127.0.0.1:${server.port}/postgres`;
  return { url, [Symbol.asyncDispose]: () => server.remove() };
}

/** A store of the user's: the queue goes, on PostgreSQL the tables in the schema `bullmq` stay. */
export function useStore(url: string, name: string): AsyncDisposable & { url: string } {
  const remove = async (): Promise<void> => {
    await using opened = await openQueue(url, { name });
    await opened.remove();
  };
  return { url, [Symbol.asyncDispose]: remove };
}

/** The book of the bank: a file. */
export async function makeBook(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-demo-'));
  const path = join(folder, 'book.txt');
  await writeFile(path, '');
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A worker process that takes tasks. */
export async function startWorker(...args: string[]): Promise<AsyncDisposable & { process: ChildProcess }> {
  const worker = fork(new URL('worker.ts', import.meta.url), args);
  const ended = once(worker, 'exit');
  await Promise.race([
    once(worker, 'message'),
    ended.then(() => Promise.reject(new Error('a worker did not come up'))),
  ]);
  const stop = async (): Promise<void> => {
    worker.kill('SIGTERM');
    await ended;
  };
  return { process: worker, [Symbol.asyncDispose]: stop };
}
