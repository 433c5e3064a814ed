import { afterAll, beforeAll, expect, test } from 'vitest';
import { tasker, moduleAt, Folder } from './support/command.ts';
import { Machines, RedisServer } from './support/machines.ts';
import { until } from '../../tasker/test/faults/until.ts';
import { withoutPackage } from './support/without-package.ts';

/** `tasker run --url` and `tasker worker`, in several processes on a Redis of the test. Needs `npm run build` first. */

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.create();
  await redis.start();
});
afterAll(() => redis.remove());

/** How soon a worker that was killed is taken for dead. */
const SOON = ['--lock', '1s', '--lock-check', '250ms'];

const times = { waitMs: 'number', runMs: 'number', finishedAt: 'number' };
const ok = (index: number, input: string, attempt = 1) => ({
  ...{ index, input, ok: true, result: { index, attempt }, attempts: attempt, ...times },
});

test('a run is shared by the workers of a queue, and each item comes to one line as ever', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck', 'c', 'bad', 'e');
  const workers = [await machines.worker(), await machines.worker()];
  const run = machines.run('--workers', '0', '--ordered', '--json');
  // One of them hangs; the other one does the rest.
  const hung = await Promise.race(workers.map((worker) => worker.said('began stuck').then(() => worker)));
  const other = workers.find((worker) => worker !== hung);
  await other?.said('began e');
  machines.folder.write('go', '');
  const { code, stderr } = await run.finish();
  expect(machines.lines).toEqual([
    ok(0, 'a'),
    ok(1, 'stuck'),
    ok(2, 'c'),
    {
      ...{ index: 3, input: 'bad', ok: false, error: { name: 'RangeError', message: 'no good', code: 'E_BAD' } },
      ...{ attempts: 1, ...times },
    },
    ok(4, 'e'),
  ]);
  expect(machines.folder.read('out.jsonl')).toMatch(/^\{"index":0.*\n\{"index":1.*\n\{"index":2/);
  expect(JSON.parse(stderr)).toMatchObject({ items: 5, ok: 4, failed: 1, complete: true });
  expect(new Set(machines.begun.map(({ pid }) => pid))).toEqual(new Set(workers.map(({ process }) => process.pid)));
  expect(code).toBe(1);
});

test('without any worker it runs the items here', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'b');
  const run = machines.run();
  expect(await run.finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual([ok(0, 'a'), ok(1, 'b')]);
  expect(machines.begun).toEqual([0, 1].map((index) => ({ index, pid: run.process.pid })));
});

test('with --workers 0 and nobody else it says what to start, and waits', async () => {
  const machines = new Machines(redis.url);
  machines.items('a');
  const run = machines.run('--workers', '0');
  await run.said(`nobody takes the items; on any machine: tasker worker ${moduleAt('shared.mjs')} --queue`);
  await machines.worker();
  expect(await run.finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual([ok(0, 'a')]);
});

test('after kill -9 of the submitter the workers go on, --resume takes what has ended, and nothing is run twice', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'b', 'stuck', 'd', 'e');
  const worker = await machines.worker();
  const run = machines.run('--workers', '0');
  await worker.said('began stuck');
  run.process.kill('SIGKILL');
  await run.finish();
  machines.folder.write('go', '');
  await worker.said('began e');
  const { code, stderr } = await machines.run('--workers', '0', '--resume').finish();
  expect(stderr).toContain('resuming: ');
  expect(machines.lines).toEqual(['a', 'b', 'stuck', 'd', 'e'].map((item, i) => ok(i, item)));
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  expect(code).toBe(0);
});

test('an item whose worker is killed runs again on another one', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck', 'c');
  const first = await machines.worker(...SOON);
  const run = machines.run('--workers', '0');
  await first.said('began stuck');
  first.process.kill('SIGKILL');
  machines.folder.write('go', '');
  await machines.worker(...SOON);
  expect(await run.finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual([ok(0, 'a'), ok(1, 'stuck', 2), ok(2, 'c')]);
});

test('with --once it does not, and its line says that how far it had come is not known', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck', 'c');
  const first = await machines.worker(...SOON);
  const run = machines.run('--workers', '0', '--once');
  await first.said('began stuck');
  first.process.kill('SIGKILL');
  await machines.worker(...SOON);
  expect(await run.finish()).toMatchObject({ code: 1 });
  expect(machines.lines).toMatchObject([{ ok: true }, { ok: false, error: { code: 'ONCE_LOST' } }, { ok: true }]);
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 2]);
});

test('with --once a submitter that was killed finds how its items have ended, and begins none twice', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck', 'c', 'd');
  const worker = await machines.worker();
  const run = machines.run('--workers', '0', '--once');
  await worker.said('began stuck');
  run.process.kill('SIGKILL');
  await run.finish();
  machines.folder.write('go', '');
  expect(await machines.run('--workers', '0', '--once', '--resume').finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual(['a', 'stuck', 'c', 'd'].map((item, i) => ok(i, item)));
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
});

test.each([[[]], [['--once']]])('Ctrl-C finishes what runs anywhere and takes back what waits %j', async (flags) => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck', 'c', 'd');
  const worker = await machines.worker();
  const run = machines.run('--workers', '0', ...flags);
  await worker.said('began stuck');
  await until(async () => (await machines.waiting()) === 2, 'the others to wait');
  run.process.kill('SIGINT');
  await run.said('finishing what runs, starting no more; Ctrl-C again ends them');
  await until(async () => (await machines.waiting()) === 0, 'what waits to be taken back');
  machines.folder.write('go', '');
  expect(await run.finish()).toMatchObject({ code: 130 });
  expect(machines.lines).toEqual([ok(0, 'a'), ok(1, 'stuck')]);
  expect(await machines.run('--workers', '0', '--resume', ...flags).finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual(['a', 'stuck', 'c', 'd'].map((item, i) => ok(i, item)));
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
});

test('a second Ctrl-C aborts what runs anywhere; --resume begins it anew', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck');
  const worker = await machines.worker();
  const run = machines.run('--workers', '0');
  await worker.said('began stuck');
  run.process.kill('SIGINT');
  await run.said('Ctrl-C again');
  run.process.kill('SIGINT');
  expect(await run.finish()).toMatchObject({ code: 130 });
  expect(machines.lines).toEqual([ok(0, 'a')]);
  machines.folder.write('go', '');
  expect(await machines.run('--workers', '0', '--resume').finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual([ok(0, 'a'), ok(1, 'stuck')]);
});

test('--resume-failed runs what has failed again, although the store has its end', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'bad');
  expect(await machines.run().finish()).toMatchObject({ code: 1 });
  expect(await machines.run('--resume-failed').finish()).toMatchObject({ code: 1 });
  expect(machines.lines).toMatchObject([{ ok: true }, { ok: false }]);
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 1]);
});

test('a worker finishes what runs when it is told to stop, and hands back what takes too long', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck', 'c');
  const run = machines.run('--workers', '0');
  const patient = await machines.worker();
  await patient.said('began stuck');
  patient.process.kill('SIGTERM');
  await patient.said('finishing 1 task, taking no more');
  machines.folder.write('go', '');
  expect(await patient.finish()).toMatchObject({ code: 143 });
  const last = await machines.worker();
  expect(await run.finish()).toMatchObject({ code: 0 });
  last.process.kill('SIGINT');
  expect(await last.finish()).toMatchObject({ code: 130 });
  expect(machines.begun.map(({ index }) => index)).toEqual([0, 1, 2]);

  const other = new Machines(redis.url);
  other.items('stuck');
  const rerun = other.run('--workers', '0');
  const hasty = await other.worker('--stop-timeout', '0');
  await hasty.said('began stuck');
  hasty.process.kill('SIGTERM');
  expect(await hasty.finish()).toMatchObject({ code: 143 });
  other.folder.write('go', '');
  await other.worker();
  expect(await rerun.finish()).toMatchObject({ code: 0 });
  expect(other.lines).toEqual([ok(0, 'stuck')]); // what was handed back has used up no attempt
});

test('a worker is shown on a page, and ends when it is stopped there', async () => {
  const machines = new Machines(redis.url);
  const worker = await machines.worker('--dashboard');
  const [, url = ''] = /^dashboard: (.+)$/m.exec(worker.stderr) ?? [];
  const page = await (await fetch(url)).text();
  const [, token = ''] = /<meta name="tasker-token" content="([^"]+)"/.exec(page) ?? [];
  const { managers } = (await (await fetch(`${url}api/state`)).json()) as { managers: Record<string, unknown> };
  const [name = ''] = Object.keys(managers);
  const stop = `${url}api/managers/${name}/stop`;
  expect((await fetch(stop, { method: 'POST', headers: { 'x-tasker-token': token } })).status).toBe(204);
  expect(await worker.finish()).toMatchObject({ code: 0, stderr: expect.stringContaining('0 runs here, 0 failed') });
});

test('with --threads the items of others run in threads', async () => {
  const machines = new Machines(redis.url, 'threads.mjs');
  machines.items('a', 'bad', 'odd');
  await machines.worker('--threads', '--max-workers', '1');
  expect(await machines.run('--workers', '0').finish()).toMatchObject({ code: 1 });
  expect(machines.lines).toMatchObject([
    { ok: true, result: { isMainThread: false } },
    { ok: false, error: { name: 'RangeError', code: 'E_BAD' } },
    { ok: true, attempts: 2 },
  ]);
});

test('a page shows what a run that is shared has here', async () => {
  const machines = new Machines(redis.url);
  machines.items('a', 'stuck');
  const run = machines.run('--dashboard');
  await run.said('began stuck');
  const [, url = ''] = /^dashboard: (.+)$/m.exec(run.stderr) ?? [];
  const state = await (await fetch(`${url}api/state`)).json();
  expect(state).toMatchObject({ managers: { shared: { stats: { runningTasks: 1 } } } });
  machines.folder.write('go', '');
  expect(await run.finish()).toMatchObject({ code: 0 });
});

test.each([
  [['--rate', '1/s'], '--rate is not for --url'],
  [['--key', 'a'], '--key is not for --url'],
  [['--aging', '1s'], '--aging is not for --url'],
  [['--url', 'pglite://memory', '--workers', '0'], '--workers 0 leaves nobody to run the items'],
  [['--url', 'mysql://a'], 'url must start with redis://, postgres:// or pglite:, got mysql:'],
])('what a store cannot do is refused: %j', async (flags, message) => {
  const run = ['run', moduleAt('shared.mjs'), '--lines', '-', '--url', 'redis://127.0.0.1', ...flags];
  const { code, stderr, stdout } = await tasker(run, {}, 'a');
  expect(stderr).toContain(`error: ${message}`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('without the package it says what to install', async () => {
  const options = { cwd: new Folder().path, nodeOptions: [withoutPackage('tasker-distributed')] };
  for (const args of [
    ['worker', moduleAt('upper.mjs')],
    ['run', moduleAt('upper.mjs'), '--lines', '-'],
  ]) {
    expect(await tasker([...args, '--url', redis.url], options, 'a')).toMatchObject({
      code: 2,
      stderr: 'error: --url needs the package tasker-distributed: npm install tasker-distributed\n',
    });
  }
});
