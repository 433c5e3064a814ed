import type { PgPool } from 'bullmq';
import { test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { postgresStore } from '../support/stores.ts';
import { useStore } from '../support/use-bench.ts';

const server = useStore(postgresStore);

test('a store closes although a connection is on loan, and one that comes back later does no harm', async () => {
  const store = await openStore(server().url);
  const client = await (store.connection as PgPool).connect();
  await store.close();
  client.release();
});
