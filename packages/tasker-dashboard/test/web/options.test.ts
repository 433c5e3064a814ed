import { isTaskerError } from 'tasker';
import { expect, test } from 'vitest';
import { createDashboard, nodeListener, serve } from '../../src/index.ts';
import { openDashboard, startManager } from '../support/dashboard.ts';

test.each<[unknown, string]>([
  [undefined, 'options must be an object, got undefined'],
  [{}, 'managers must be an object of task managers, got undefined'],
  [{ managers: { images: {} } }, 'managers.images must be a task manager, got object'],
  [{ managers: {}, readonly: true }, 'there is no option readonly'],
  [{ managers: {}, readOnly: 1 }, 'readOnly must be true or false, got 1'],
  [{ managers: {}, authorize: true }, 'authorize must be a function, got boolean'],
  [{ managers: {}, basePath: 'ops' }, 'basePath must be a path that begins with /, got "ops"'],
  [{ managers: {}, basePath: '//ops' }, 'basePath must be a path that begins with /, got "//ops"'],
  [{ managers: {}, history: 0 }, 'history must be a number of milliseconds above 0, at most a day, got 0'],
  [{ managers: {}, history: Number.NaN }, 'history must be a number of milliseconds above 0, at most a day, got NaN'],
])('%o is refused', (options, message) => {
  const thrown = errorOf(() => createDashboard(options as never));
  expect([isTaskerError(thrown, 'INVALID_CONFIG'), (thrown as Error).message]).toEqual([true, message]);
});

test.each(['', '.', '..', '\ud800'])('a manager cannot be named %j, since no URL could name it', async (name) => {
  const managers = { [name]: await startManager() };
  expect(errorOf(() => createDashboard({ managers }))).toMatchObject({
    code: 'INVALID_CONFIG',
    message: `the name of a manager must be one that a URL can hold, got ${JSON.stringify(name)}`,
  });
});

test('a path in another alphabet is found as requests have it', async () => {
  const dashboard = openDashboard({ managers: {}, basePath: '/übersicht/' });
  for (const path of ['/übersicht', '/%C3%BCbersicht/api/state']) {
    expect((await dashboard.fetch(new Request(`http://localhost${path}`))).status).toBe(200);
  }
});

test('a dashboard may have no managers', async () => {
  const dashboard = openDashboard({ managers: {} });
  const response = await dashboard.fetch(new Request('http://localhost/api/state'));
  expect(await response.json()).toMatchObject({ managers: {} });
});

test.each(['0.0.0.0', '::', '192.168.0.7', 'example.com'])(
  'serve() refuses the host %s unless somebody is asked who may come in',
  async (host) => {
    const dashboard = openDashboard({ managers: { images: await startManager() } });
    const failure = await serve(dashboard, { port: 0, host }).catch((error: unknown) => error);
    expect(isTaskerError(failure, 'INVALID_CONFIG')).toBe(true);
  },
);

test.each<[unknown, string]>([
  [undefined, 'options must be an object, got undefined'],
  [{ port: 80, hostname: 'localhost' }, 'there is no option hostname'],
  [{}, 'port must be an integer from 0 to 65535, got undefined'],
  [{ port: -1 }, 'port must be an integer from 0 to 65535, got -1'],
  [{ port: 70_000 }, 'port must be an integer from 0 to 65535, got 70000'],
  [{ port: Number.NaN }, 'port must be an integer from 0 to 65535, got NaN'],
  [{ port: '80' }, 'port must be an integer from 0 to 65535, got "80"'],
  [{ port: 0, host: 5 }, 'host must be a name or an address, got 5'],
  [{ port: 0, host: '' }, 'host must be a name or an address, got ""'],
])('serve() refuses the options %o', async (options, message) => {
  const dashboard = openDashboard({ managers: {}, authorize: () => true });
  await expect(serve(dashboard, options as never)).rejects.toMatchObject({ code: 'INVALID_CONFIG', message });
});

test.each([undefined, {}, Promise.resolve()])('what is no dashboard is refused: %o', async (dashboard) => {
  const refused = {
    code: 'INVALID_CONFIG',
    message: `dashboard must be one of createDashboard(), got ${typeof dashboard}`,
  };
  expect(errorOf(() => nodeListener(dashboard as never))).toMatchObject(refused);
  await expect(serve(dashboard as never, { port: 0 })).rejects.toMatchObject(refused);
});

test('serve() tells which port is taken, and of which host', async () => {
  const dashboard = openDashboard({ managers: {} });
  const server = await serve(dashboard, { port: 0 });
  const port = Number(new URL(server.url).port);
  await expect(serve(dashboard, { port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
  await server.close();
});

function errorOf(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
}
