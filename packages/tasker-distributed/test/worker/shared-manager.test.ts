import { Registry } from 'prom-client';
import type { TaskManager } from 'tasker';
import { registerManager } from 'tasker/prometheus';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { asking, openDashboard } from '../../../tasker-dashboard/test/support/dashboard.ts';
import { defineTasks } from '../../src/index.ts';
import type { Manageable, TaskWorker } from '../../src/index.ts';
import { Gate } from '../support/gate.ts';
import { redisStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useBench, useStore } from '../support/use-bench.ts';

/** The manager of a worker, given to what shows managers. The dashboard needs `npm run build`. */

const store = useStore(redisStore);
const bench = useBench(store);

test('a registry counts what a worker has run, under the name of its queue', async () => {
  const tasks = defineTasks()({ greet: () => 'hello' });
  const worker = await bench().worker(tasks);
  const registry = new Registry();
  onTestFinished(registerManager(registry, worker.manager));
  const client = await bench().client(tasks);
  await client.queueTask('greet');
  await until(() => worker.stats().claimedTasks === 0, 'it to be over');
  expect(worker.manager.name).toBe(bench().name);
  expect(await registry.metrics()).toContain(`tasker_task_run_seconds_count{manager="${bench().name}",task="greet"} 1`);
});

test('the page shows a worker, and what is done there is done to the worker', async () => {
  const gate = new Gate();
  const tasks = defineTasks()({ hold: () => gate.pass() });
  const worker = await bench().worker(tasks);
  const client = await bench().client(tasks);
  const { get, post } = asking(openDashboard({ managers: { shots: worker.manager } }));
  const first = client.queueTask('hold');
  await until(() => gate.held === 1, 'the first to run');
  expect(await (await get('/api/managers/shots/tasks?q=hold')).json()).toMatchObject({
    tasks: [{ name: 'hold', state: 'running' }],
  });

  expect((await post('/api/managers/shots/pause')).ok).toBe(true);
  expect(worker.stats().state).toBe('paused');
  const second = client.queueTask('hold');
  gate.open();
  await first;
  expect(await client.stats()).toMatchObject({ queued: 1, running: 0 });

  expect((await post('/api/managers/shots/resume')).ok).toBe(true);
  await second;
  expect((await post('/api/managers/shots/stop')).ok).toBe(true);
  await until(async () => (await client.workers()).length === 0, 'the worker to be gone');
  expect(worker.stats().state).toBe('stopped');
});

test('with new limits as many tasks are taken as there are places then', async () => {
  const gate = new Gate();
  const tasks = defineTasks()({ hold: () => gate.pass() });
  const worker = await bench().worker(tasks, { scaling: 'off' });
  const client = await bench().client(tasks);
  const results = Array.from({ length: 4 }, () => client.queueTask('hold'));
  await until(() => gate.held === 1, 'one to run');
  worker.manager.resize({ workerCount: 3, maxWorkerCount: 3 });
  await until(() => gate.held === 3, 'three to run');
  expect(await client.stats()).toMatchObject({ queued: 1, running: 3 });
  gate.open();
  await Promise.all(results);
});

test('a worker that is drained has finished what it had begun, and takes tasks when it resumes', async () => {
  const gate = new Gate();
  const tasks = defineTasks()({ hold: () => gate.pass() });
  const worker = await bench().worker(tasks);
  const client = await bench().client(tasks);
  const first = client.queueTask('hold');
  await until(() => gate.held === 1, 'it to run');
  const drained = worker.manager.drain();
  gate.open();
  await Promise.all([drained, first]);
  const second = client.queueTask('hold');
  await until(async () => (await client.stats()).queued === 1, 'the second to wait');
  worker.manager.resume();
  await second;
});

test('functions run on the resources of a worker, and its tasks tell the id that clients know', async () => {
  const tasks = defineTasks<string>()({ shout: (word) => `${word}!` });
  const worker = await bench().resourceWorker(tasks, { onCreate: () => 'ha', onDestroy: () => {} });
  const client = await bench().client(tasks);
  const meta: unknown[] = [];
  worker.on('completed', ({ task }) => meta.push(task.meta));
  const id = await client.submit('shout');
  expect(await client.result(id)).toBe('ha!');
  expect(meta).toEqual([{ id }]);
  expect(await worker.manager.runTask((word) => word.length)).toBe(2);
});

test('code for a manager takes a worker, or the manager of it', () => {
  interface Page {
    readonly title: string;
  }
  expectTypeOf<TaskManager<Page>>().toExtend<Manageable>();
  expectTypeOf<TaskWorker<object, Page>>().toExtend<Manageable>();
  expectTypeOf<TaskWorker<object, Page>>().toExtend<TaskWorker<object>>();
  expectTypeOf<TaskWorker<object, Page>['manager']>().toEqualTypeOf<TaskManager<Page>>();
});
