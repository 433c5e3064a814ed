// @ts-check
// A small site to try http.mjs with, on this computer only. Delete it when you have pages of your own.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** How often each page was asked for. @type {Map<string, number>} */
const visits = new Map();

/** @type {import('node:http').RequestListener} */
function answer({ url: path = '/' }, response) {
  const visit = (visits.get(path) ?? 0) + 1;
  visits.set(path, visit);
  if (path === '/old-about') response.writeHead(301, { location: '/about' });
  else if (path === '/missing') response.writeHead(404);
  else if (path === '/busy' && visit === 1) response.writeHead(503, { 'retry-after': '1' });
  else if (path === '/flaky' && visit <= 2) response.writeHead(500);
  else response.writeHead(200, { 'content-type': 'text/html' });
  response.end(`<!doctype html><title>The page ${path}</title><p>${'Nothing to see here. '.repeat(10 * path.length)}`);
}

/** Starts the site and returns its address. It keeps no process alive, and ends with it. */
export async function startSite() {
  const server = createServer(answer).on('connection', (socket) => socket.unref());
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}
