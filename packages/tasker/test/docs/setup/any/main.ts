/** What pages and docblocks without a setup of their own leave to their reader. */
import { createTaskManager } from 'tasker';
import type { TaskFunction } from 'tasker';
import { VirtualClock } from 'tasker/testing';

export class Connection {
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  query(text: string): Promise<string> {
    return Promise.resolve(`${text} of ${this.url}`);
  }
  close(): void {}
}

export const url = 'db://local';
export const connect = (to: string): Promise<Connection> => Promise.resolve(new Connection(to));

export const config = {
  onCreate: () => connect(url),
  onDestroy: (connection: Connection) => connection.close(),
  workerCount: 1,
};
export const manager = await createTaskManager(config);

export const task: TaskFunction<Connection, string> = (connection) => connection.query('select 1');
export const slow = (): Promise<never> => new Promise(() => {});
export const clock = new VirtualClock();
export const bytes = new Uint8Array(8);
export const load = (path: string): Promise<{ labels: string[] }> => Promise.resolve({ labels: [path] });
