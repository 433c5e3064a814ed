import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { Refusal } from './answers.ts';
import type { Dashboard } from './dashboard.ts';
import { isLoopback } from './guards.ts';
import { check, checkOptions, isObject } from './options.ts';

/** Options of {@link serve}. */
export interface ServeOptions {
  /** 0 takes one that is free. */
  readonly port: number;
  /** Default `127.0.0.1`. Any other than a loopback address asks for a dashboard with `authorize`. */
  readonly host?: string | undefined;
}

/** A server of a dashboard. */
export interface DashboardServer {
  /** Where the page is, such as `http://127.0.0.1:4000/`. */
  readonly url: string;
  /** Ends the server and its connections; the dashboard stays open. */
  close(): Promise<void>;
}

/** A dashboard as a listener of `node:http`: for Express and Fastify, and whatever else takes one. Throws `INVALID_CONFIG`. */
export function nodeListener(dashboard: Dashboard): (request: IncomingMessage, response: ServerResponse) => void {
  checkDashboard(dashboard);
  return createRequestListener((request) => dashboard.fetch(request), {
    onError: () => new Refusal(400, 'this is no valid request').response,
  });
}

/**
 * Serves a dashboard on a server of its own, by default for this machine only. Rejects with `INVALID_CONFIG` for another host unless the
 * dashboard has `authorize`, and with the error of the system if the port is taken.
 */
export async function serve(dashboard: Dashboard, options: ServeOptions): Promise<DashboardServer> {
  checkDashboard(dashboard);
  checkOptions(options, ['port', 'host']);
  const { port, host = '127.0.0.1' } = options;
  const isPort = Number.isInteger(port) && port >= 0 && port <= 65_535;
  check(isPort, 'port must be an integer from 0 to 65535', port);
  check(typeof host === 'string' && host !== '', 'host must be a name or an address', host);
  check(isLoopback(host) || dashboard.isAuthorized, 'host must be a loopback address unless there is authorize', host);
  const { createServer } = await import('node:http');
  const server = createServer(nodeListener(dashboard));
  await listening(server, port, host);
  const address = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${name}:${address.port}/`,
    close: () => (closing ??= closed(server)),
  };
}

function checkDashboard(dashboard: Dashboard): void {
  const isDashboard = isObject(dashboard) && typeof dashboard.fetch === 'function';
  check(isDashboard, 'dashboard must be one of createDashboard()', dashboard);
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
