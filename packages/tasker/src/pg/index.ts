export { cancelOnAbort } from './cancel-on-abort.ts';
export { isConnectionLost } from './connection-lost.ts';
export { pgConnections } from './connections.ts';
export { transaction, UnknownCommitError } from './transaction.ts';

export type { PgClient } from './client.ts';
export type { PgHooks } from './connections.ts';
