/** An HTTP client for each worker, its connection kept alive, against a server that fails now and then. */
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTaskManager, retryAfter } from 'tasker';

/** The first visit of /reset breaks the connection, that of /busy is put off, and /missing is never there. */
const visits = new Map<string, number>();
const server = createServer((request, response) => {
  const path = request.url ?? '';
  const visit = (visits.get(path) ?? 0) + 1;
  visits.set(path, visit);
  if (path === '/reset' && visit === 1) return request.socket.destroy();
  if (path === '/busy' && visit === 1) return response.writeHead(503, { 'retry-after': '0.05' }).end();
  return response.writeHead(path === '/missing' ? 404 : 200).end(`hello from ${path}`);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

class HttpError extends Error {
  readonly response: IncomingMessage;
  constructor(response: IncomingMessage) {
    super(`HTTP ${response.statusCode}`);
    this.response = response;
  }
}

async function fetchText(agent: Agent, path: string, signal: AbortSignal): Promise<string> {
  const request = get({ agent, host: '127.0.0.1', port, path, signal });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = await text(response); // to its end, or the connection could not be used again
  if (response.statusCode !== 200) throw new HttpError(response);
  return body;
}

const manager = await createTaskManager<Agent>({
  onCreate: () => new Agent({ keepAlive: true, maxSockets: 1 }),
  onDestroy: (agent) => agent.destroy(),
  checkHealth: (error) => {
    if (!(error instanceof HttpError)) return false; // the connection's: a new agent, and try again
    if (error.response.statusCode !== 503) return true; // the request's: it fails
    return { resource: 'keep', task: 'retry', after: retryAfter(error.response.headers['retry-after']) };
  },
  workerCount: 2,
});
manager.on('retried', ({ task, error }) => console.log(`${task.name} again: ${(error as Error).message}`));

const paths = ['/one', '/two', '/reset', '/busy', '/missing', '/three'];
const answers = await Promise.allSettled(
  paths.map((path) => manager.queueTask((agent, { signal }) => fetchText(agent, path, signal), { name: path })),
);
for (const answer of answers) console.log(answer.status === 'fulfilled' ? answer.value : `${answer.reason}`);
await manager.stop();
server.close();
