import type { PGlite } from '@electric-sql/pglite';
import type { PgPool, PgQueryResult } from 'bullmq';
import { PoolClient } from './pool-client.ts';

/** PGlite as a pool: all share its one session, which is right for whoever uses no transaction of several statements. */
export class PglitePool implements PgPool {
  /** BullMQ asks for it: this connection does not get lost. */
  readonly options: { readonly keepAlive: true } = { keepAlive: true };
  readonly #db: PGlite;
  readonly #clients = new Set<PoolClient>();

  constructor(db: PGlite) {
    this.#db = db;
    db.onNotification((channel, payload) => {
      for (const client of this.#clients) client.notify({ channel, payload });
    });
  }

  async query<Row>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<Row>> {
    if (params !== undefined) return this.#db.query<Row>(text, params as unknown[]);
    // Several statements, as migrations have them.
    const results = await this.#db.exec(text);
    return (results.at(-1) ?? { rows: [] }) as PgQueryResult<Row>;
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
}
