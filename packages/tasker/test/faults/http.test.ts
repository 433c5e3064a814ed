import { Agent, createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTaskManager, isTaskerError } from 'tasker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from './until.ts';

let server: Server;
let port: number;
let open: number;
let hits: number;

/** Answers rightly, hangs, resets in the middle, lies about the length, or sends what is no JSON. */
beforeEach(async () => {
  open = 0;
  hits = 0;
  server = createServer((incoming, response) => {
    const behaviour = incoming.url === '/stall' ? 'stall' : ['right', 'hang', 'reset', 'lie', 'garbage'][hits++ % 5];
    const body = JSON.stringify({ path: incoming.url });
    if (behaviour === 'right') {
      response.end(body);
    } else if (behaviour === 'reset') {
      response.write(body.slice(0, 5));
      incoming.socket.resetAndDestroy();
    } else if (behaviour === 'lie') {
      response.writeHead(200, { 'content-length': body.length + 10 });
      response.write(body);
      incoming.socket.end();
    } else if (behaviour === 'garbage') {
      response.end('{"path":');
    } else if (behaviour === 'stall') {
      response.write(body.slice(0, 5)); // and no more
    } // 'hang': says nothing
  });
  server.on('connection', (socket) => {
    open++;
    socket.on('close', () => open--);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function get(agent: Agent, path: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, host: '127.0.0.1', port, path, ...(signal && { signal }) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve((JSON.parse(text) as { path: string }).path);
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('an HTTP server that hangs, resets and lies', () => {
  it('leaves no caller without an answer, no wrong answer and no open socket', async () => {
    let agents = 0;
    const manager = await createTaskManager<Agent>({
      onCreate: () => (agents++, new Agent({ keepAlive: true, maxSockets: 1 })),
      onDestroy: (agent) => agent.destroy(),
      // A reset or a cut answer is the connection's fault; what is no JSON may be right the next time.
      checkHealth: (error) => (error instanceof SyntaxError ? { resource: 'keep', task: 'retry', after: 1 } : false),
      workerCount: 4,
      timeout: 100,
      maxRetries: 10,
    });
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        manager
          .queueTask((agent, { signal }) => get(agent, `/${i}`, signal))
          .then(
            (path) => (path === `/${i}` ? 'right' : 'wrong'),
            (error: unknown) => (isTaskerError(error) ? error.code : 'its own'),
          ),
      ),
    );
    // Some meet the bad luck of eleven failures in a row, and are told so.
    for (const outcome of outcomes) expect(['right', 'TIMEOUT', 'RETRIES_EXHAUSTED']).toContain(outcome);
    expect(outcomes).toContain('right');
    expect(outcomes).toContain('TIMEOUT');
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, runningTasks: 0 });
    await until(() => manager.stats().activeWorkers >= 4, 'the workers to be back');
    await manager.stop();
    expect(manager.metrics().totalResourcesDestroyed).toBe(agents);
    await until(() => open === 0, 'all sockets to be closed');
  }, 60_000);

  it('and stalls in the middle: a task that ignores its abort loses its agent, and the place is filled again', async () => {
    const destroyed: string[] = [];
    const ends: string[] = [];
    const manager = await createTaskManager<Agent>({
      onCreate: () => new Agent({ keepAlive: true, maxSockets: 1 }),
      onDestroy: (agent, reason) => {
        destroyed.push(reason);
        agent.destroy();
      },
      workerCount: 2,
      maxWorkerCount: 2,
      resourcePoolSize: 0,
      timeout: 50,
      abandonAfter: 50,
    });
    const deaf = async (agent: Agent): Promise<string> => {
      try {
        return await get(agent, '/stall');
      } catch (error) {
        ends.push((error as Error & { code?: string }).code ?? '');
        throw error;
      }
    };
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => manager.queueTask(deaf)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT' } });
    }
    await until(() => ends.length === 10, 'the functions to end with their agents');
    expect(new Set(ends)).toEqual(new Set(['ECONNRESET']));
    expect(destroyed).toEqual(Array.from({ length: 10 }, () => 'abandoned'));
    await until(() => manager.stats().activeWorkers === 2, 'the workers to be back');
    await manager.stop();
    await until(() => open === 0, 'all sockets to be closed');
  }, 60_000);
});
