import type { SignalLike } from '../primitives/platform.ts';
import { origins } from './client.ts';
import type { Origin, PgClient } from './client.ts';

/**
 * Runs one query. When the signal aborts, it asks the server to cancel the query, by `pg_cancel_backend` on a
 * connection of its own; if that fails, it closes the connection of the query. It then rejects with the reason of the
 * signal, once the connection is fit for the next query. Rejects with a `TypeError` if the client does not come from
 * `pgConnections`. Does not work behind a pooler that gives each transaction another connection.
 */
export async function cancelOnAbort<C extends PgClient, T>(
  client: C,
  signal: SignalLike,
  query: (client: C) => PromiseLike<T>,
): Promise<T> {
  const origin = origins.get(client);
  if (origin === undefined) throw new TypeError('cancelOnAbort() needs a client that pgConnections() has made');
  signal.throwIfAborted();
  let cancelled: Promise<unknown> | undefined;
  const cancel = (): void => {
    cancelled = askToCancel(origin).catch(() => client.end());
  };
  signal.addEventListener('abort', cancel);
  try {
    return await query(client);
  } catch (error) {
    throw cancelled === undefined ? error : signal.reason;
  } finally {
    signal.removeEventListener('abort', cancel);
    await cancelled; // or it could hit the next query
  }
}

async function askToCancel({ makeClient, pid }: Origin): Promise<void> {
  const client = makeClient();
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_cancel_backend($1)', [pid]);
  } finally {
    await client.end();
  }
}
