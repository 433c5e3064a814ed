import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StrangerProject } from './stranger-project.ts';

/** Jest has a module system of its own, which on Node 20 cannot load an ES module into a CommonJS test. */

const require = createRequire(import.meta.url);
const jest = join(dirname(require.resolve('jest/package.json')), 'bin/jest.js');

const SUITE = `
const { pathToFileURL } = require('node:url');
const { AsyncLocalStorage } = require('node:async_hooks');
const { createTaskManager, TaskerError } = require('tasker');
const { VirtualClock, fakeResources } = require('tasker/testing');
const { isThreadError, threads } = require('tasker/threads');

test('the core, on a virtual clock', async () => {
  const clock = new VirtualClock();
  const fakes = fakeResources({ clock });
  const manager = await createTaskManager({ ...fakes, clock, workerCount: 1 });
  const late = manager.queueTask(() => new Promise(() => {}), { timeout: 1000 });
  late.catch(() => {});
  await clock.advance(1000);
  await expect(late).rejects.toThrow(TaskerError);
  await manager.kill();
  expect(fakes.violations).toEqual([]);
});

test('starts, runs tasks and stops under fake timers that were there before it', async () => {
  jest.useFakeTimers();
  const manager = await createTaskManager({ onCreate: async () => 1, onDestroy() {}, workerCount: 1 });
  const events = [];
  manager.on('completed', () => events.push('completed'));
  const seen = await Promise.all([manager.queueTask(async () => 1), manager.runTask(() => 2)]);
  await manager.stop();
  jest.useRealTimers();
  expect([seen, events]).toEqual([[1, 2], ['completed', 'completed']]);
});

test('takes fake timers as its clock', async () => {
  jest.useFakeTimers();
  const clock = {
    now: () => performance.now(),
    setTimeout: (fn, ms) => setTimeout(fn, ms),
    clearTimeout: (timer) => clearTimeout(timer),
  };
  const manager = await createTaskManager({ onCreate: () => 1, onDestroy() {}, workerCount: 1, clock });
  const late = manager.queueTask(() => new Promise(() => {}), { timeout: 60_000 });
  late.catch(() => {});
  await jest.advanceTimersByTimeAsync(60_000);
  await expect(late).rejects.toThrow(TaskerError);
  const killed = manager.kill();
  await jest.runAllTimersAsync();
  await killed;
  jest.useRealTimers();
});

test('runs tasks in the async context of the submitter', async () => {
  const store = new AsyncLocalStorage();
  const manager = await createTaskManager({ onCreate: () => 1, onDestroy() {}, workerCount: 1, maxWorkerCount: 1 });
  const seen = store.run('mine', () => Promise.all([1, 2].map(() => manager.queueTask(() => store.getStore()))));
  expect(await seen).toEqual(['mine', 'mine']);
  await manager.stop();
});

test('runs functions in threads', async () => {
  const hooks = threads(pathToFileURL(require.resolve('./heavy.mjs')));
  const manager = await createTaskManager({ ...hooks, workerCount: 1, resourcePoolSize: 0 });
  expect(await manager.queueTask((thread) => thread.run('bytes', 8))).toHaveLength(8);
  const error = await manager.queueTask((thread) => thread.run('nothing')).catch((error) => error);
  expect(isThreadError(error, 'NO_SUCH_FUNCTION')).toBe(true);
  await expect(manager.queueTask((thread) => thread.run('fail'))).rejects.toThrow(/^no bytes left$/);
  const refuse = () => { throw new RangeError('not in this test'); };
  expect(await manager.queueTask((thread) => thread.call('ask', [refuse]))).toBe('RangeError: not in this test');
  await manager.stop();
});
`;

let project: StrangerProject;

beforeAll(async () => {
  project = await StrangerProject.make('commonjs');
  await project.write('tasker.test.js', SUITE);
  await project.write(
    'heavy.mjs',
    `import { move } from 'tasker/threads';
     export const bytes = (length) => move(new Uint8Array(length));
     export const fail = () => { throw new TypeError('no bytes left'); };
     export const ask = (callback) => callback().catch((error) => error.name + ': ' + error.message);`,
  );
}, 60_000);

afterAll(() => project?.[Symbol.asyncDispose]());

test('a CommonJS suite of Jest uses the core, on a virtual clock and under fake timers, and threads', async () => {
  const report = 'report.json';
  await project.run(process.execPath, jest, '--rootDir', project.root, '--json', '--outputFile', report);
  expect(await project.run(process.execPath, '--print', `require('./${report}').numPassedTests`)).toBe('5');
});
