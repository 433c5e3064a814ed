import { isTaskerError } from 'tasker';
import { expect, test } from 'vitest';
import { createDashboard, serve } from '../../src/index.ts';
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

test('serve() refuses a port that is none, and tells of one that is taken', async () => {
  const dashboard = openDashboard({ managers: {} });
  for (const port of [-1, 70_000, Number.NaN, '80']) {
    const failure = await serve(dashboard, { port: port as number }).catch((error: unknown) => error);
    expect(isTaskerError(failure, 'INVALID_CONFIG')).toBe(true);
  }
  const server = await serve(dashboard, { port: 0 });
  await expect(serve(dashboard, { port: Number(new URL(server.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
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
