import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { settings } from './settings.ts';

/**
 * Answers probes and Prometheus. `/live`: the event loop turns; nothing of the store is in it, since a restart does not bring that back.
 * `/ready`: the process does its work.
 */
export async function serveStatus(registry: Registry, isReady: () => boolean): Promise<Server> {
  const server = createServer(({ url }, response) => {
    if (url === '/live') response.end('alive');
    else if (url === '/ready') response.writeHead(isReady() ? 200 : 503).end();
    else if (url === '/metrics') void answerMetrics(registry, response);
    else response.writeHead(404).end();
  });
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  return server;
}

async function answerMetrics(registry: Registry, response: ServerResponse): Promise<void> {
  try {
    const text = await registry.metrics();
    response.setHeader('content-type', registry.contentType).end(text);
  } catch (error) {
    response.writeHead(503).end(String(error)); // the store is away
  }
}
