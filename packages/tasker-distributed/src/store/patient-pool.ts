import type { PgPool, PgQueryResult } from 'bullmq';
import type { Pool, PoolClient as PoolClientOfPg } from 'pg';
import { PoolClient } from './pool-client.ts';

/** SQLSTATEs of a server that goes down or comes up, has no connection left or is a replica for now, of a deadlock, and codes of a connection that breaks. */
const UNREACHABLE =
  /^(?:08\w{3}|57P0[123]|53300|25006|40001|40P01|E(?:CONN\w+|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))$/;
const TERMINATED =
  /^Connection terminated|timeout exceeded when trying to connect|^Query read timeout|^Client has encountered a connection error|is not queryable/;
/** By these words, those of ioredis, BullMQ knows an error after which it tries again. */
const CLOSED = 'Connection is closed.';

/**
 * A pool whose errors BullMQ understands: it repeats what fails because Redis is away, but takes what PostgreSQL says of that for an error of
 * the task whose result was to be stored.
 */
export class PatientPool implements PgPool {
  /** BullMQ asks for it. */
  readonly options: { readonly keepAlive: true } = { keepAlive: true };
  readonly #pool: Pool;
  readonly #borrowed = new Set<PoolClient>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<Row>> {
    return ask<Row>(this.#pool, text, params);
  }

  async connect(): Promise<PoolClient> {
    const client = await this.#pool.connect().catch(fail);
    const borrowed: PoolClient = new PoolClient(
      (text, params) => ask(client, text, params),
      (destroy) => {
        this.#borrowed.delete(borrowed);
        client.release(destroy);
      },
    );
    this.#borrowed.add(borrowed);
    client.on('notification', ({ channel, payload = '' }) => borrowed.notify({ channel, payload }));
    client.on('error', (error) => borrowed.fail(error));
    return borrowed;
  }

  /** What BullMQ has not given back it never will: a listener that was on its way when it closed. */
  end(): Promise<void> {
    for (const client of this.#borrowed) client.release(true);
    return this.#pool.end();
  }

  /** A pool tells of idle connections that break; it replaces them. */
  on(): this {
    return this;
  }

  removeAllListeners(): this {
    return this;
  }
}

/** Whether the store was not there, so that the same may succeed later. */
export function isUnreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return message === CLOSED || UNREACHABLE.test(String(code)) || TERMINATED.test(String(message));
}

async function ask<Row>(
  whom: Pick<Pool | PoolClientOfPg, 'query'>,
  text: string,
  params: readonly unknown[] | undefined,
): Promise<PgQueryResult<Row>> {
  const result: PgQueryResult = await whom.query(text, params as unknown[]).catch(fail);
  return result;
}

function fail(error: unknown): never {
  throw isUnreachable(error) ? closed(error) : error;
}

/** What BullMQ takes for a lost connection. */
export function closed(cause: unknown): Error {
  return new Error(CLOSED, { cause });
}
