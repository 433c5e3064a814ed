import { lossOf } from './connection-lost.ts';
import type { PgClient } from './client.ts';

/** The connection was lost while `commit` was under way: what the transaction did may be done or not. `cause` is the loss. */
export class UnknownCommitError extends Error {
  override readonly name = 'UnknownCommitError';
}

/**
 * Runs `work` between `begin` and `commit`; a throw rolls back. As a task it is tried again if the connection is lost before `commit`, since
 * then nothing is done. `mode` follows `begin`, such as `isolation level serializable`.
 *
 * @throws UnknownCommitError if the connection is lost during `commit`; such a task is not tried again.
 */
export async function transaction<C extends PgClient, T>(
  client: C,
  work: (client: C) => T | PromiseLike<T>,
  mode = '',
): Promise<T> {
  await client.query(`begin ${mode}`);
  let result: T;
  try {
    result = await work(client);
  } catch (error) {
    await client.query('rollback').catch(() => {}); // where the connection is lost, the server does it
    throw error;
  }
  const { command } = await client.query('commit').catch((cause: unknown) => {
    throw lossOf(cause) === undefined
      ? cause
      : new UnknownCommitError('the connection was lost during commit', { cause });
  });
  // The server answers so if a query had failed and `work` went on.
  if (command === 'ROLLBACK') throw new Error('the transaction was rolled back: a query in it had failed');
  return result;
}
