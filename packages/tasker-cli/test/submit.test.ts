import { afterAll, beforeAll, expect, test } from 'vitest';
import { moduleAt } from './support/command.ts';
import { Machines, RedisServer } from './support/machines.ts';

/** `tasker submit`, and `tasker worker` of a definition, on a Redis of the test. Needs `npm run build` first. */

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.create();
  await redis.start();
});
afterAll(() => redis.remove());

const TASKS = moduleAt('tasks.mjs');
const SHARED = moduleAt('shared.mjs');
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}_\d+$/;

test('ids of what was submitted are printed, a line each; the workers run it, and tell how it ended to who waits', async () => {
  const machines = new Machines(redis.url);
  const { code, stdout, stderr } = await machines.submit(SHARED, 'a', 'b', '--json');
  const ids = stdout.split('\n').slice(0, -1);
  expect(ids).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
  expect(JSON.parse(stderr)).toMatchObject({ submitted: 2, exitCode: 0 });
  expect(code).toBe(0);
  const worker = await machines.worker();
  await worker.said('began b');
  const waited = await machines.submit(SHARED, 'c', 'bad', '--wait');
  expect(waited.lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ index: 0, input: 'c', ok: true, result: { index: 0, attempt: 1 }, runMs: 'number' }),
      expect.objectContaining({ index: 1, input: 'bad', ok: false, error: expect.objectContaining({ code: 'E_BAD' }) }),
    ]),
  );
  expect(waited.stderr).toBe('2 tasks submitted, 1 failed\n');
  expect(waited.code).toBe(1);
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 0, 1]);
});

test('tasks of a definition run on a resource of the worker, by name', async () => {
  const machines = new Machines(redis.url, 'tasks.mjs');
  const worker = await machines.worker();
  const submit = (...args: string[]): Promise<unknown[]> => machines.results(args);
  expect(await submit(TASKS, '--name', 'double', '{"n":21}')).toMatchObject([
    { input: { n: 21 }, ok: true, result: 42 },
  ]);
  expect(await submit('--name', 'echo', 'text', '7', 'null')).toMatchObject([
    { input: 'text', result: 'text' },
    { input: 7, result: 7 },
    { input: null, result: 'nothing' },
  ]);
  expect(await submit('--name', 'echo')).toMatchObject([{ input: null, result: 'nothing' }]);
  expect(await submit('--name', 'fail', '--once')).toMatchObject([
    { ok: false, error: { name: 'RangeError', message: 'no good', code: 'E_BAD' } },
  ]);
  worker.process.kill('SIGTERM');
  expect((await worker.finish()).stderr).toContain('destroyed');
});

test('inputs come from files and standard input as those of a run do', async () => {
  const machines = new Machines(redis.url, 'named-tasks.mjs');
  machines.folder.write('items.csv', 'n\n1\n2\n');
  machines.folder.write('items.txt', 'a\n\nb\n');
  await machines.worker();
  const module = moduleAt('named-tasks.mjs');
  expect(await machines.results([module, '--lines', 'items.txt'])).toMatchObject([
    { input: 'a', result: 'a!' },
    { input: 'b', result: 'b!' },
  ]);
  expect(await machines.results([module, '--csv', 'items.csv'])).toMatchObject([
    { input: { n: '1' } },
    { input: { n: '2' } },
  ]);
  expect(await machines.results([module, '--jsonl', '-'], '1\n[2]\n')).toMatchObject([{ input: 1 }, { input: [2] }]);
});

test('priority, delay and dedupe are those of the store', async () => {
  const machines = new Machines(redis.url);
  const first = await machines.submit(SHARED, 'first', '--dedupe', 'key');
  expect((await machines.submit(SHARED, 'again', '--dedupe', 'key')).stdout).toBe(first.stdout);
  await machines.submit(SHARED, 'late', '--delay', '1h');
  await machines.submit(SHARED, 'urgent', '--priority', '5');
  const worker = await machines.worker();
  await worker.said('began first');
  expect(worker.stderr.match(/began \w+/g)).toEqual(['began urgent', 'began first']);
});

test.each([
  [[], 'say what is to be run: a MODULE, or --name NAME'],
  [[TASKS, 'x'], 'tasks.mjs has the tasks double, echo, fail: choose one by --name'],
  [[TASKS, '--name', 'doubel', 'x'], 'the definition has no task "doubel", did you mean "double"?'],
  [[TASKS, '--name', 'double', '{"n":"x"}'], 'input.n of "double": must be a number'],
  [[SHARED], 'there are no inputs: name them, or give --lines FILE'],
  [[SHARED, 'a', '--lines', '-'], 'inputs come from one source: arguments, or a file'],
  [[SHARED, 'a', 'b', '--dedupe', 'k'], '--dedupe is for one input: a key stands for one task'],
  [[SHARED, 'a', '--priority', '1.5'], 'must be an integer'],
  [[SHARED, 'a', '--wait', '--url', 'pglite://memory'], '--wait would wait for ever'],
])('what makes no task is refused, and nothing is submitted: %j', async (args, message) => {
  const machines = new Machines(redis.url);
  const url = args.indexOf('--url');
  const { code, stderr, stdout } = await (url < 0 ? machines : new Machines('pglite://memory')).submit(
    ...(url < 0 ? args : args.slice(0, url)),
  );
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
