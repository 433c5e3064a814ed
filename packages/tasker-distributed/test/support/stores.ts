import { PostgresServer } from '../../../tasker/test/faults/postgres-server.ts';
import { openStore } from '../../src/store/open-store.ts';
import { RedisServer } from './redis-server.ts';

/** A store that tests start, stop in the middle, and remove. */
export interface TestStore {
  readonly url: string;
  start(): Promise<void>;
  /** In good order, or with SIGKILL not. */
  stop(signal?: 'SIGKILL'): Promise<void>;
  remove(): Promise<void>;
}

export async function redisStore(): Promise<TestStore> {
  const server = await RedisServer.create();
  await server.start();
  return server;
}

export async function postgresStore(options?: readonly string[]): Promise<TestStore> {
  const server = await PostgresServer.create(options);
  await server.start();
  return {
    url: `postgres://postgres@127.0.0.1:${server.port}/postgres`,
    start: () => server.start(),
    stop: (signal) => server.stop(signal),
    remove: () => server.remove(),
  };
}

/** Those of many processes, with their names: for `describe.each`. */
export const SERVERS = [
  ['Redis', redisStore],
  ['PostgreSQL', postgresStore],
] as const;

async function nothing(): Promise<void> {}

/** Held open, since it takes seconds to be made. */
export async function memoryStore(): Promise<TestStore> {
  const url = 'pglite://memory';
  const store = await openStore(url);
  return { url, start: nothing, stop: nothing, remove: () => store.close() };
}
