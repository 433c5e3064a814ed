// knex on the pool of ./tarn.ts: a client of knex's own that makes its pool here. All else of it stays as it is.
import { createRequire } from 'node:module';
import type { knex } from 'knex';
import { TimeoutError } from 'tarn';
import { Pool } from './tarn.ts';

const require = createRequire(import.meta.url);

/**
 * The client of a dialect, `'postgres'`, `'mysql2'`, `'better-sqlite3'` …, for the option `client` of knex:
 *
 * ```ts
 * const db = knex({ client: pooledClient('postgres'), connection, pool: { min: 0, max: 10 } });
 * ```
 */
export function pooledClient(dialect: string): typeof knex.Client {
  const Client = require(`knex/lib/dialects/${dialect}/index.js`) as typeof knex.Client;
  return class extends Client {
    override initializePool(config = this.config): void {
      this.pool ??= new Pool(this.getPoolSettings(config.pool), TimeoutError);
    }
  };
}
