import { createPostgresBackend, runMigrations } from 'bullmq';
import type { IQueueBackend, PgPool } from 'bullmq';
import type { Client } from 'pg';
import { byStoreClock } from './by-store-clock.ts';
import { importDriver } from './import-driver.ts';
import { PatientPool } from './patient-pool.ts';
import { notLetIn } from './not-let-in.ts';
import { StoreClock } from './store-clock.ts';
import type { Store } from './store.ts';
import { ANSWER_TIMEOUT, CONNECT_TIMEOUT, KEEP_ALIVE } from './timeouts.ts';

const NAME = 'PostgreSQL';
/** The schema of BullMQ's tables. */
export const SCHEMA = 'bullmq';
/** Of a client one listens, of a worker two; the others are for queries. */
const MAX_CONNECTIONS = 10;
/**
 * Seconds that a worker waits to be notified before it looks itself, also when it knows that a delayed task is due later: a wake-up may
 * get lost.
 */
const MAX_BLOCK = 1;

/** PostgreSQL 13 or later. All that this process opens on it shares one pool. */
export async function openPostgres(url: URL): Promise<Store> {
  const { default: pg } = await importDriver('pg', 'postgres', () => import('pg'));
  const options = {
    connectionString: withSearchPath(url),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
  };
  try {
    await migrate(new pg.Client(options)); // which may take its time
  } catch (error) {
    throw notLetIn(NAME, url, error);
  }
  const pool = new pg.Pool({ ...options, max: MAX_CONNECTIONS, query_timeout: ANSWER_TIMEOUT });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  const connection = new PatientPool(pool);
  const clock = await StoreClock.of(async () => {
    const { rows } = await pool.query<{ ms: number }>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
    );
    return rows[0]?.ms ?? Number.NaN;
  }).catch(async (error: unknown) => {
    await connection.end();
    throw notLetIn(NAME, url, error);
  });
  return {
    factory: byStoreClock(postgresFactory, clock),
    connection,
    clock,
    close: () => {
      clock.stop();
      return connection.end();
    },
  };
}

async function migrate(client: Client): Promise<void> {
  client.on('error', () => {}); // the query under way tells of it
  try {
    await client.connect();
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
}

/** BullMQ's statements name no schema. */
function withSearchPath(url: URL): string {
  const ours = new URL(url);
  const given = ours.searchParams.get('options') ?? '';
  ours.searchParams.set('options', `${given} -c search_path=${SCHEMA}`.trim());
  return ours.href;
}

/**
 * Removes a job that no worker has. BullMQ looks whether it is locked before it deletes it, and between the two a worker may take it: its task
 * would run and be gone. Here the row is held from the look to the end.
 */
const REMOVE = `
  with idle as materialized (select id from job where queue = $1 and id = $2 and state <> 'active' for update)
  select remove($1, id, $3) as n from idle`;

/** BullMQ's, with a bound to how long a worker may sleep, and a removal of its own. */
export const postgresFactory: Store['factory'] = (name, options, more): IQueueBackend => {
  const create = createPostgresBackend as unknown as Store['factory'];
  const pool = options.connection as PgPool;
  const remove = async (id: string, removeChildren: boolean): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(REMOVE, [name, id, removeChildren]);
    return rows[0]?.n ?? 0;
  };
  return Object.defineProperties(create(name, options, more), {
    maximumBlockTimeout: { value: MAX_BLOCK },
    remove: { value: remove },
  });
};
