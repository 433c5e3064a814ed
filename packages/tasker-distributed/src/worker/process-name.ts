import { hostname } from 'node:os';
import { pid } from 'node:process';

/** PostgreSQL keeps so many bytes of the name of a connection: that of the queue, three characters of BullMQ, and this. */
const MOST = 63 - 3;

let workers = 0;

/** Names a worker of a queue: its host, its process, and which of that it is. */
export function nextProcessName(queue: string): string {
  return processName(queue, hostname(), `${pid}/${++workers}`);
}

/** Of a long host the end is kept: pods of one deployment differ there, and are process 1 each. */
export function processName(queue: string, host: string, process: string): string {
  const [label = ''] = host.split('.', 1);
  const room = MOST - queue.length - process.length - 1;
  return `${label.slice(-room)}/${process}`;
}
