import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { serve as serveHono } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodeListener, serve } from '../src/index.ts';
import type { Dashboard } from '../src/index.ts';
import { openDashboard, startManager, tokenIn } from './support/dashboard.ts';
import type { Manager } from './support/dashboard.ts';
import { EventReader } from './support/events.ts';

/** Mounts a dashboard; returns where its page is, with a slash at its end. */
type Mount = (dashboard: Dashboard) => Promise<string>;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => closeServer(server));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const MOUNTS: Record<string, { readonly basePath?: string; readonly mount: Mount }> = {
  'serve()': {
    mount: async (dashboard) => {
      const server = await serve(dashboard, { port: 0 });
      onTestFinished(() => server.close());
      return server.url;
    },
  },
  'node:http': { mount: (dashboard) => listen(createServer(nodeListener(dashboard))) },
  'Hono, all() below a path': {
    basePath: '/tasker',
    mount: async (dashboard) => {
      const app = new Hono();
      app.all('/tasker/*', (context) => dashboard.fetch(context.req.raw));
      return `${await listenHono(app)}tasker/`;
    },
  },
  'Hono, mount()': {
    basePath: '/tasker',
    mount: async (dashboard) => {
      const app = new Hono();
      app.mount('/tasker', dashboard.fetch);
      return `${await listenHono(app)}tasker/`;
    },
  },
  Express: {
    basePath: '/tasker',
    mount: async (dashboard) => {
      const app = express();
      app.use('/tasker', nodeListener(dashboard));
      app.use(express.json());
      return `${await listen(createServer(app as RequestListener))}tasker/`;
    },
  },
  Fastify: {
    basePath: '/tasker',
    mount: async (dashboard) => {
      const app = fastify({ forceCloseConnections: true });
      const listener = nodeListener(dashboard);
      for (const url of ['/tasker', '/tasker/*']) {
        app.route({
          method: ['GET', 'POST'],
          url,
          // Before Fastify reads the body.
          onRequest: (incoming, reply) => {
            reply.hijack();
            listener(incoming.raw, reply.raw);
          },
          handler: () => {},
        });
      }
      const address = await app.listen({ port: 0, host: '127.0.0.1' });
      onTestFinished(() => app.close());
      return `${address}/tasker/`;
    },
  },
};

async function listenHono(app: Hono): Promise<string> {
  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve) => {
    const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (info) => {
      resolve({ server: server as Server, port: info.port });
    });
  });
  onTestFinished(() => closeServer(server));
  return `http://127.0.0.1:${port}/`;
}

describe.each(Object.entries(MOUNTS))('mounted by %s', (_, { basePath, mount }) => {
  async function start(): Promise<{ url: string; manager: Manager }> {
    const manager = await startManager();
    const dashboard = openDashboard({ managers: { images: manager }, ...(basePath !== undefined && { basePath }) });
    return { manager, url: await mount(dashboard) };
  }

  test('it has the page, its files, the state, the stream and actions', async () => {
    const { url, manager } = await start();
    const html = await (await fetch(url)).text();
    const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(html) ?? [];
    const file = await fetch(new URL(script, url));
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(await (await fetch(`${url}api/state`)).json()).toMatchObject({ managers: { images: {} } });
    const stream = new EventReader((await fetch(`${url}api/stream`)).body);
    expect(await stream.nextOf('news')).toMatchObject({ managers: { images: {} } });
    await stream.cancel();
    const headers = { 'x-tasker-token': tokenIn(html), 'content-type': 'application/json' };
    const resized = await fetch(`${url}api/managers/images/resize`, {
      method: 'POST',
      headers,
      body: '{"workerCount":2}',
    });
    expect([resized.status, manager.limits().workerCount]).toEqual([204, 2]);
    const refused = await fetch(`${url}api/managers/images/pause`, { method: 'POST' });
    expect([refused.status, refused.headers.get('x-content-type-options')]).toEqual([403, 'nosniff']);
  });

  test('it has the page also without the slash at its end', async () => {
    const { url } = await start();
    const withoutSlash = url.replace(/\/$/, '');
    const html = await (await fetch(withoutSlash)).text();
    const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(html) ?? [];
    expect((await fetch(new URL(script, withoutSlash))).status).toBe(200);
  });

  test('a request that has another name of this machine in it is refused', async () => {
    const { url } = await start();
    const { hostname, port, pathname } = new URL(url);
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: pathname, headers: { host: 'rebound.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  test('one who watches and goes away is forgotten', async () => {
    const { url, manager } = await start();
    const abort = new AbortController();
    const stream = new EventReader((await fetch(`${url}api/stream`, { signal: abort.signal })).body);
    await stream.nextOf('news');
    abort.abort();
    // Who is the first to watch hears of what was before in what a stream begins with, and not again as news.
    const newsOfBefore = async (): Promise<number> => {
      manager.pause();
      await Promise.resolve();
      const probe = new EventReader((await fetch(`${url}api/stream`)).body);
      const news = (await probe.nextOf('news')) as { managers: { images: { notes: unknown[] } } };
      await probe.cancel();
      manager.resume();
      return news.managers.images.notes.length;
    };
    await expect.poll(newsOfBefore, { timeout: 20_000 }).toBe(0);
  });
});

test('a server of serve() is closed at once, also while somebody watches, and its dashboard stays', async () => {
  const dashboard = openDashboard({ managers: { images: await startManager() } });
  const server = await serve(dashboard, { port: 0 });
  const response = await fetch(`${server.url}api/stream`);
  await Promise.all([server.close(), server.close()]);
  await expect(response.text()).rejects.toThrow();
  await expect(fetch(server.url)).rejects.toThrow();
  expect((await dashboard.fetch(new Request('http://localhost/'))).status).toBe(200);
});

test.each([
  ['rebound.example', 403],
  ['localhost', 200],
])('a request by HTTP/2, which has the name %s in no header, ends with %i', async (name, status) => {
  const listener = nodeListener(openDashboard({ managers: {} }));
  const server = createHttp2Server((incoming, response) => listener(incoming as never, response as never));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.close();
    server.close();
  });
  const [headers] = (await once(session.request({ ':authority': name, ':path': '/' }), 'response')) as [
    Record<string, unknown>,
  ];
  expect(headers[':status']).toBe(status);
});

test('a request that is no HTTP request ends in an answer, not in an error of the server', async () => {
  const server = await serve(openDashboard({ managers: {} }), { port: 0 });
  onTestFinished(() => server.close());
  const { port, hostname } = new URL(server.url);
  const answer = (path: string, host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ hostname, port, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await answer('/', 'a b')).toBeGreaterThanOrEqual(400);
  expect(await answer('//evil.example/x', 'localhost')).toBe(404);
  expect(await answer('//api//state', 'localhost')).toBe(200);
});
