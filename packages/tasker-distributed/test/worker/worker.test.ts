import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { TaskInfo } from 'tasker';
import { expect, test } from 'vitest';
import { createWorker, defineTasks } from '../../src/index.ts';
import type { WorkerConfig } from '../../src/index.ts';
import { Verdicts } from '../../src/worker/verdicts.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { redisStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useBench, useStore } from '../support/use-bench.ts';

/** What a worker does by itself, whatever the store. */

const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const store = useStore(redisStore);
const bench = useBench(store);

test('stop turns into kill when its time is over: what is not done goes back', async () => {
  const gate = new Gate();
  const tasks = defineTasks()({ hold: (_, __: undefined, { signal }) => gate.pass(signal) });
  const client = await bench().client(tasks);
  const worker = await bench().worker(tasks);
  const result = client.queueTask('hold');
  await until(() => gate.held === 1, 'it to run');
  await worker.stop({ timeout: 50 });
  gate.open();
  await bench().worker(tasks);
  await result;
  expect(await worker.kill()).toEqual(await worker.stop());
});

test('aborting the signal of the configuration stops it', async () => {
  const tasks = defineTasks()({ run: () => 1 });
  const controller = new AbortController();
  const worker = await bench().worker(tasks, { signal: controller.signal });
  controller.abort();
  await until(() => worker.stats().state === 'stopped', 'the stop');
  const reason = new Error('before');
  expect(await failing(bench().worker(tasks, { signal: AbortSignal.abort(reason) }))).toBe(reason);
});

test('a worker that has ended no longer listens to the signal of its configuration', async () => {
  const tasks = defineTasks()({ run: () => 1 });
  const { signal } = new AbortController();
  const [one, other] = [await bench().worker(tasks, { signal }), await bench().worker(tasks, { signal })];
  await one.stop();
  await other.kill();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a verdict may keep the resource and say when its task runs again', async () => {
  const log: string[] = [];
  const tasks = defineTasks<{ id: number }>()({
    try: ({ id }, __: undefined, { attempt }) => {
      log.push(`attempt ${attempt} on ${id}`);
      if (attempt < 3) throw new Error('not yet');
      return attempt;
    },
  });
  let made = 0;
  await bench().resourceWorker(tasks, {
    onCreate: () => ({ id: ++made }),
    onDestroy: nothing,
    resourcePoolSize: 0,
    checkHealth: () => ({ resource: 'keep', task: 'retry', after: 20 }),
  });
  const client = await bench().client(tasks);
  expect(await client.queueTask('try')).toBe(3);
  expect(log).toEqual(['attempt 1 on 1', 'attempt 2 on 1', 'attempt 3 on 1']);
});

test('nothing is kept of a verdict on a task that does not run again, or not by the queue', async () => {
  const verdicts = new Verdicts<undefined>();
  const config = verdicts.listenIn({
    ...{ onCreate: () => undefined, onDestroy: nothing, workerCount: 1 },
    checkHealth: () => ({ resource: 'keep', task: 'retry', after: 20 }),
  });
  const failed = (id: string): unknown =>
    config.checkHealth?.(new Error(), { resource: undefined, task: { id } as TaskInfo, invalidated: false });
  const end = verdicts.expect('ours');
  failed('ours');
  failed('of runTask');
  expect(verdicts.wishOf('ours')).toEqual({ after: 20, isKept: true });
  end();
  expect(verdicts.wishOf('ours')).toEqual({ after: undefined, isKept: false });
  expect(verdicts.wishOf('of runTask')).toEqual({ after: undefined, isKept: false });
});

test('the backoff of the configuration is asked for each attempt', async () => {
  const asked: number[] = [];
  const tasks = defineTasks<object>()({
    try: (_, __: undefined, { attempt }) => {
      if (attempt < 3) throw new Error('sick');
      return attempt;
    },
  });
  await bench().resourceWorker(tasks, {
    onCreate: () => ({}),
    onDestroy: nothing,
    checkHealth: () => false,
    retry: { maxRetries: 2, backoff: (attempt) => (asked.push(attempt), 10) },
  });
  const client = await bench().client(tasks);
  expect(await client.queueTask('try')).toBe(3);
  expect(asked).toEqual([1, 2]);
});

test('a task that is cancelled while its input is checked does not begin', async () => {
  const gate = new Gate();
  let runs = 0;
  const input = {
    '~standard': { version: 1, vendor: 'test', validate: async (value: unknown) => (await gate.pass(), { value }) },
  } as const;
  const tasks = defineTasks()({ run: { input, run: () => ++runs } });
  const worker = await bench().worker(tasks);
  const client = await bench().client(defineTasks()({ run: () => 0 }));
  const id = await client.submit('run');
  await until(() => gate.held === 1, 'the check');
  const cancelled = client.cancel(id);
  await until(() => worker.manager.find('run').length === 0, 'it to be cancelled');
  gate.open();
  expect(await cancelled).toBe(true);
  expect(runs).toBe(0);
});

/** A schema that has not finished with anything but 'quick'. */
const endless = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => (value === 'quick' ? { value } : new Promise<never>(() => {})),
  },
} as const;

test.each(['input', 'output'])(
  'an %s schema that never ends holds no place beyond the timeout or a cancellation',
  async (side) => {
    const tasks = defineTasks()({ pass: { [side]: endless, run: (_, text) => text } });
    const worker = await bench().worker(tasks);
    const client = await bench().client(defineTasks()({ pass: (_, text: string) => text }));
    expect(await failing(client.queueTask('pass', 'slow', { timeout: 50 }))).toMatchObject({ code: 'TIMEOUT' });
    expect(await client.queueTask('pass', 'quick')).toBe('quick');
    const id = await client.submit('pass', 'slow');
    await until(() => worker.stats().runningTasks === 1, 'it to run');
    expect(await client.cancel(id)).toBe(true);
    expect(await client.queueTask('pass', 'quick')).toBe('quick');
    const here = worker.runTask('pass', 'slow', { timeout: 50 });
    expect(await failing(here)).toMatchObject({ code: 'TIMEOUT' });
  },
);

test('an error of the payload says nothing of the resource', async () => {
  let asked = 0;
  const tasks = defineTasks<object>()({ date: () => new Date() as unknown });
  await bench().resourceWorker(tasks, {
    onCreate: () => ({}),
    onDestroy: nothing,
    checkHealth: () => {
      asked++;
      return false;
    },
  });
  const client = await bench().client(tasks);
  expect(await failing(client.queueTask('date'))).toMatchObject({ code: 'NOT_JSON' });
  expect(asked).toBe(0);
});

test('a worker that can make no resource leaves the tasks to others', async () => {
  let mayMake = true;
  const tasks = defineTasks<string>()({ where: (place) => place });
  const broken = await bench().resourceWorker(tasks, {
    onCreate: () => {
      if (!mayMake) throw new Error('no');
      mayMake = false;
      return 'broken';
    },
    onDestroy: nothing,
    resourcePoolSize: 0,
    maxUses: 1,
    createBackoff: () => 10,
    logger: silent,
  });
  const client = await bench().client(tasks);
  expect(await client.queueTask('where')).toBe('broken');
  await until(() => broken.stats().activeWorkers === 0, 'the resource to be gone');
  const result = client.queueTask('where');
  await bench().resourceWorker(tasks, { onCreate: () => 'well', onDestroy: nothing });
  expect(await result).toBe('well');
});

test('the first resources fail the start, as those of a manager, and nothing is left', async () => {
  const tasks = defineTasks<string>()({ where: (place) => place });
  const refused = createWorker(tasks, {
    ...{ url: bench().url, name: bench().name, workerCount: 1 },
    onCreate: () => Promise.reject(new Error('no')),
    onDestroy: nothing,
  });
  expect(await failing(refused)).toMatchObject({ code: 'CREATE_FAILED' });
  const client = await bench().client(tasks);
  expect(await client.workers()).toEqual([]);
});

test('a start that fails or is aborted while the store is silent says why, and leaves nothing', async () => {
  const gate = new Gate();
  const silence = createServer((socket) => {
    socket.on('close', () => gate.open());
    socket.resume();
  });
  silence.listen(0, '127.0.0.1');
  await once(silence, 'listening');
  const { port } = silence.address() as AddressInfo;
  let resources = 0;
  const start = (config: Pick<WorkerConfig<number>, 'onCreate' | 'signal'>): Promise<unknown> =>
    createWorker(defineTasks<number>()({}), {
      ...{ url: `redis://127.0.0.1:${port}`, workerCount: 1, onDestroy: () => void resources-- },
      ...config,
    });
  const onCreate = () => ++resources;
  const broken = start({ onCreate: () => Promise.reject(new Error('no')) });
  expect(await failing(broken)).toMatchObject({ code: 'CREATE_FAILED' });
  const controller = new AbortController();
  const aborted = start({ onCreate, signal: controller.signal });
  await until(() => resources > 0, 'the resources');
  const reason = new Error('enough');
  controller.abort(reason);
  expect(await failing(aborted)).toBe(reason);
  expect(resources).toBe(0);
  await gate.pass();
  silence.close();
});

test('progress that comes faster than the store takes it keeps the last', async () => {
  const gate = new Gate();
  const tasks = defineTasks()({
    count: async (_, __: undefined, { progress }) => {
      for (let i = 0; i <= 1_000; i++) progress(i);
      await gate.pass();
    },
  });
  await bench().worker(tasks);
  const client = await bench().client(tasks);
  const seen: unknown[] = [];
  const result = client.queueTask('count', undefined, {
    onProgress: (value) => {
      seen.push(value);
      if (value === 1_000) gate.open();
    },
  });
  await result;
  expect(seen.at(-1)).toBe(1_000);
  expect(seen.length).toBeLessThan(10);
});
