import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Registry } from 'prom-client';
import { settings } from './settings.ts';

/**
 * Answers probes and Prometheus. `/live`: the event loop turns; nothing of the store is in it, since a restart does not bring that back.
 * `/ready`: the process does its work.
 */
export async function serveStatus(registry: Registry, isReady: () => boolean): Promise<Server> {
  const server = createServer(async ({ url }, response) => {
    const answer = (status: number, text: string): void => void response.writeHead(status).end(text);
    if (url === '/live') return answer(200, 'alive');
    if (url === '/ready') return isReady() ? answer(200, 'ready') : answer(503, 'not ready');
    if (url !== '/metrics') return answer(404, 'not found');
    try {
      const text = await registry.metrics();
      response.setHeader('content-type', registry.contentType);
      answer(200, text);
    } catch (error) {
      answer(503, String(error)); // the store is away
    }
  });
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  return server;
}
