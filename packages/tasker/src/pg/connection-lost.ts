/** Connection exceptions, shutdowns and crashes of the server, and the timeouts that end a session instead of a statement. */
const SQLSTATE = /^(08...|57P0.|25P0[34])$/;
const SOCKET = /^E(CONN\w+|PIPE|TIMEDOUT|NOTCONN|HOST\w+|NET\w+)$/;
/** Of `pg` itself, whose errors have no code. */
const CLIENT = /^Connection terminated/;
const UNSENT = /^Client (was closed|has encountered a connection error)/;

/**
 * Whether an error, or a cause of it, says that the connection is lost, rather than that a query failed on a good one.
 */
export const isConnectionLost = (error: unknown): boolean => lossOf(error) !== undefined;

/** A client that gives up waiting by its `query_timeout` is still busy with the query. */
export const isBusy = (error: unknown): boolean => error instanceof Error && error.message === 'Query read timeout';

/**
 * Who says so; `unsent` is the client, of a query that it has not sent. A socket may be another one, such as that of a
 * request to an API in the same task.
 */
export function lossOf(error: unknown): 'server' | 'client' | 'unsent' | 'socket' | undefined {
  for (let each = error, depth = 0; typeof each === 'object' && each !== null && depth < 5; depth++) {
    const { code, severity, message, cause } = each as Readonly<Record<string, unknown>>;
    if (severity === 'FATAL' || severity === 'PANIC' || SQLSTATE.test(String(code))) return 'server';
    if (SOCKET.test(String(code))) return 'socket';
    if (code === undefined && CLIENT.test(String(message))) return 'client';
    if (code === undefined && UNSENT.test(String(message))) return 'unsent';
    each = cause;
  }
  return undefined;
}
