import { hostname } from 'node:os';
import { pid } from 'node:process';

/** PostgreSQL keeps 63 bytes of a name, that of the queue included. */
const MAX_HOST = 24;

let workers = 0;

/** Names a worker: its host, its process, and which of that it is. */
export function nextProcessName(): string {
  return `${hostname().slice(0, MAX_HOST)}/${pid}/${++workers}`;
}
