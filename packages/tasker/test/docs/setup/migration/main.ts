import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
export const urls = [url, `${url}/a`, `${url}/b`];
export const download = async (from: string, signal?: AbortSignal): Promise<string> =>
  (await fetch(from, { signal: signal ?? null })).text();

/** As root Chromium has no sandbox. */
export const puppeteerOptions = {
  executablePath: '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};

/** Stands for a connection. */
export class Connection {
  query = async (sql: string): Promise<string> => `rows of ${sql}`;
  end = async (): Promise<void> => {};
}
export const connect = async (): Promise<Connection> => new Connection();

export function end(): void {
  server.closeAllConnections();
  server.close();
}
