import { isBusy, lossOf } from './connection-lost.ts';
import type { PgClient } from './client.ts';

/**
 * The connection was lost during `commit`, or `query_timeout` has passed: the transaction may or may not be committed.
 * `cause` says which.
 */
export class UnknownCommitError extends Error {
  override readonly name = 'UnknownCommitError';
}

/**
 * Runs `work` between `begin` and `commit`; if it throws, the transaction is rolled back. Its task is retried if the
 * connection is lost before `commit`, since nothing is committed then. `mode` follows `begin`, such as
 * `isolation level serializable`; default: nothing.
 *
 * @throws UnknownCommitError if `commit` gets no answer; the task is not retried then.
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
    const loss = lossOf(cause);
    const isKnown = loss === 'unsent' || (loss === undefined && !isBusy(cause));
    throw isKnown ? cause : new UnknownCommitError('commit got no answer: it may be done or not', { cause });
  });
  // The server answers so if a query had failed and `work` went on.
  if (command === 'ROLLBACK') throw new Error('the transaction was rolled back: a query in it had failed');
  return result;
}
