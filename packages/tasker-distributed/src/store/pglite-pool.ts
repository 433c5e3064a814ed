import type { PGlite } from '@electric-sql/pglite';
import type { PgPool, PgQueryResult } from 'bullmq';
import { DistributedError } from '../basics/distributed-error.ts';
import { messageOf } from '../basics/message-of.ts';
import { PoolClient } from './pool-client.ts';

/** PGlite as a pool: all share its one session, which is right for whoever uses no transaction of several statements. */
export class PglitePool implements PgPool {
  /** BullMQ asks for it: this connection does not get lost. */
  readonly options: { readonly keepAlive: true } = { keepAlive: true };
  readonly #db: PGlite;
  readonly #clients = new Set<PoolClient>();
  /** What rejects the queries under way. */
  readonly #open = new Set<(error: Error) => void>();
  /** Why it answers no more. */
  #failure: DistributedError | undefined;

  constructor(db: PGlite) {
    this.#db = db;
    db.onNotification((channel, payload) => {
      for (const client of this.#clients) client.notify({ channel, payload });
    });
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<Row>> {
    return this.#ask(async () => {
      if (params !== undefined) return this.#db.query<Row>(text, params as unknown[]);
      // Several statements, as migrations have them.
      const results = await this.#db.exec(text);
      return (results.at(-1) ?? { rows: [] }) as PgQueryResult<Row>;
    });
  }

  async connect(): Promise<PoolClient> {
    const client: PoolClient = new PoolClient(
      (text, params) => this.query(text, params),
      () => this.#clients.delete(client),
    );
    this.#clients.add(client);
    return client;
  }

  /** Whoever has made the database closes it. */
  async end(): Promise<void> {}

  on(): this {
    return this;
  }

  removeAllListeners(): this {
    return this;
  }

  /** After an error that ends PostgreSQL, such as a disk that is full, PGlite answers nothing any more: so all are rejected. */
  #ask<T>(query: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#open.add(reject);
      const end = (): void => void this.#open.delete(reject);
      query()
        .then(resolve, (error: unknown) => {
          if (isEnd(error)) this.#fail(error);
          reject(error);
        })
        .then(end, end);
    });
  }

  #fail(cause: unknown): void {
    const message = `the embedded store has failed, and must be opened by a new process: ${messageOf(cause)}`;
    this.#failure = new DistributedError('STORE_UNREACHABLE', message, { cause });
    for (const reject of this.#open) reject(this.#failure);
  }
}

/** Whether PostgreSQL has ended: in its own words, or because WebAssembly has. */
function isEnd(error: unknown): boolean {
  const { severity, name } = Object(error) as { severity?: unknown; name?: unknown };
  return severity === 'PANIC' || severity === 'FATAL' || name === 'RuntimeError';
}
