import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTaskManager } from 'tasker';

/** Never answers. */
const server = createServer(() => {}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

export const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
export const manager = await createTaskManager({
  onCreate: () => ({ headers: { authorization: 'Bearer token' } }),
  onDestroy() {},
  workerCount: 1,
});

export const settings = { host: '127.0.0.1', port: Number(process.env['POSTGRES_PORT']), user: 'postgres' };

export function end(): void {
  server.closeAllConnections();
  server.close();
}
