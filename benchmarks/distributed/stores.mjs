// The stores, and what is asked of each: `backlog`, more tasks than two workers get done while they are measured; `inFlight`, as many as somebody
// waits for at a time; `waiting`, as many in the measurement of memory; `goals`, per second or in ms. `open` starts it; then `url` is where a
// contestant finds it, and `remove` takes it away.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../packages/tasker-distributed/dist/store/open-store.js';

/** Those of the tests, in TypeScript. */
const servers = () => import(new URL('../../packages/tasker-distributed/test/support/stores.ts', import.meta.url).href);

const ofServer = (server) => ({ url: () => server.url, remove: () => server.remove() });

export const stores = [
  {
    name: 'Redis',
    about: 'with an append-only file, synced once a second',
    isShared: true,
    backlog: 25_000,
    inFlight: 50,
    waiting: 10_000,
    goals: { submit: 8_000, one: 1_500, ten: 4_500, p50: 5, p99: 20, many: 1_500, manyP99: 100 },
    open: async () => ofServer(await (await servers()).redisStore()),
  },
  {
    name: 'PostgreSQL',
    about: 'which syncs at each commit',
    isShared: true,
    backlog: 5_000,
    inFlight: 50,
    waiting: 10_000,
    goals: { submit: 8_000, one: 400, ten: 650, p50: 15, p99: 60, many: 300, manyP99: 700 },
    open: async () => {
      const server = await (await servers()).postgresStore([]);
      const store = await openStore(server.url); // makes the tables
      await store.close();
      return ofServer(server);
    },
  },
  {
    name: 'PGlite',
    about: 'on disk, with submitter and worker in one process',
    isShared: false,
    backlog: 4_000,
    inFlight: 20,
    waiting: 2_000,
    goals: { submit: 4_000, one: 250, ten: 250, p50: 20, p99: 60, many: 100, manyP99: 400 },
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tasker-benchmark-'));
      return {
        url: (contestant) => `pglite:${join(folder, contestant)}`,
        remove: () => rmSync(folder, { recursive: true }),
      };
    },
  },
];
