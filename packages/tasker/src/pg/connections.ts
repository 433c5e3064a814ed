import type { CreateContext, HealthInfo, Verdict } from '../index.ts';
import { describe } from '../primitives/check.ts';
import { invalid } from '../primitives/option-rules.ts';
import { origins } from './client.ts';
import type { PgClient } from './client.ts';
import { isBusy, lossOf } from './connection-lost.ts';
import { UnknownCommitError } from './transaction.ts';

/**
 * Hooks for a task manager with connections to PostgreSQL as its resources. Spread them into the configuration, or wrap
 * them.
 */
export interface PgHooks<C> {
  readonly onCreate: (context: Pick<CreateContext, 'signal' | 'invalidate'>) => Promise<C>;
  readonly onDestroy: (client: C) => Promise<unknown>;
  /** A lost connection is replaced and its task retried, except after an {@link UnknownCommitError}. */
  readonly checkHealth: (error: unknown, info: Pick<HealthInfo<C>, 'invalidated'>) => boolean | Verdict;
  readonly validate: (client: C) => Promise<boolean>;
  /** Rolls back what a task has left open. */
  readonly onRelease: (client: C) => Promise<unknown> | undefined;
}

/**
 * Hooks for a task manager with connections to PostgreSQL as its resources. `makeClient` makes a client of `pg` that is
 * not connected yet; give it a `connectionTimeoutMillis`. A lost connection is replaced, even while it is idle.
 *
 * @throws TaskerError `INVALID_CONFIG` if `makeClient` is not a function.
 *
 * @example
 * ```ts
 * import pg from 'pg';
 * import { createTaskManager } from 'tasker';
 * import { cancelOnAbort, pgConnections } from 'tasker/pg';
 *
 * const settings = { host: '127.0.0.1', port: Number(process.env['POSTGRES_PORT']), user: 'postgres' };
 * await using manager = await createTaskManager({
 *   ...pgConnections(() => new pg.Client({ ...settings, connectionTimeoutMillis: 5_000 })),
 *   workerCount: 4,
 * });
 * const sum = (client: pg.Client) => client.query('select 40 + 2 as sum');
 * const { rows } = await manager.queueTask((client, { signal }) => cancelOnAbort(client, signal, sum), { timeout: 1_000 });
 * console.log(rows); // → [ { sum: 42 } ]
 * ```
 */
export function pgConnections<C extends PgClient>(makeClient: () => C): PgHooks<C> {
  if (typeof makeClient !== 'function') throw invalid(`makeClient must be a function, got ${describe(makeClient)}`);
  return {
    onCreate: async ({ signal, invalidate }) => {
      const client = makeClient();
      client.on('error', invalidate); // without a listener, an error between two queries ends the process
      client.on('end', () => invalidate(new Error('Connection terminated')));
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      try {
        const pid = await Promise.race([connect(client), aborted]);
        origins.set(client, { makeClient, pid });
        return client;
      } catch (error) {
        void client.end().catch(() => {}); // not awaited: who did not answer may not answer this
        throw error;
      }
    },
    onDestroy: (client) => client.end(),
    checkHealth: (error, { invalidated }) => {
      const loss = lossOf(error);
      if (error instanceof UnknownCommitError || isBusy(error)) return { resource: 'replace', task: 'fail' };
      return loss === undefined || (loss === 'socket' && !invalidated);
    },
    validate: async (client) => (await client.query('select 1')).rows.length === 1,
    onRelease: (client) => (client.getTransactionStatus?.() === 'I' ? undefined : client.query('rollback')),
  };
}

/** Resolves with the process of the server behind it: what the protocol calls so may be made up by a pooler. */
async function connect(client: PgClient): Promise<number> {
  await client.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  return (rows[0] as { pid: number }).pid;
}
