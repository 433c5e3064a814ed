import { createPostgresBackend, runMigrations } from 'bullmq';
import type { IQueueBackend } from 'bullmq';
import { DistributedError } from '../basics/distributed-error.ts';
import { CONNECT_TIMEOUT } from './connect-timeout.ts';
import { importDriver } from './import-driver.ts';
import { PatientPool } from './patient-pool.ts';
import type { Store } from './store.ts';

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
export async function openPostgres(url: string): Promise<Store> {
  const { default: pg } = await importDriver('pg', 'postgres', () => import('pg'));
  const pool = new pg.Pool({
    connectionString: withSearchPath(url),
    max: MAX_CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, SCHEMA);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    const message = `PostgreSQL did not let us in: ${error instanceof Error ? error.message : String(error)}`;
    throw new DistributedError('STORE_UNREACHABLE', message, { cause: error });
  }
  return {
    factory: postgresFactory,
    connection: new PatientPool(pool),
    close: () => pool.end(),
  };
}

/** BullMQ's statements name no schema. */
function withSearchPath(url: string): string {
  const parsed = new URL(url);
  const given = parsed.searchParams.get('options') ?? '';
  parsed.searchParams.set('options', `${given} -c search_path=${SCHEMA}`.trim());
  return parsed.href;
}

/** BullMQ's, with a bound to how long a worker may sleep. */
export const postgresFactory: Store['factory'] = (name, options, more): IQueueBackend => {
  const create = createPostgresBackend as unknown as Store['factory'];
  return Object.defineProperty(create(name, options, more), 'maximumBlockTimeout', { value: MAX_BLOCK });
};
