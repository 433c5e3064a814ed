import { createHook } from 'node:async_hooks';
import { createTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { afterEach, describe, expect, it, vi } from 'vitest';

const TASKS = 20_000;

const one = (): number => 1;

const managers: TaskManager<object>[] = [];

afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.kill();
});

async function start(config: Partial<TaskManagerConfig<object>> = {}): Promise<TaskManager<object>> {
  const manager = await createTaskManager<object>({
    onCreate: () => ({}),
    onDestroy: () => {},
    checkHealth: () => true,
    workerCount: 8,
    resourcePoolSize: 0,
    ...config,
  });
  managers.push(manager);
  return manager;
}

/** Bytes of the heap that each of many waiting tasks holds, its promise included. */
async function bytesPerWaitingTask(config: Partial<TaskManagerConfig<object>>): Promise<number> {
  const collect = globalThis.gc as () => void; // vitest.config.ts exposes it
  const manager = await start(config);
  manager.pause();
  const results: Promise<number>[] = [];
  for (let i = 0; i < TASKS; i++) results.push(manager.queueTask(one));
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 5 * TASKS; i++) results.push(manager.queueTask(one));
  collect();
  const bytes = process.memoryUsage().heapUsed - before;
  manager.resume();
  await Promise.all(results);
  return bytes / (5 * TASKS);
}

/** 64 clients that each submit their next task when they have their result. */
async function loop(manager: TaskManager<object>, task: () => unknown): Promise<void> {
  let left = TASKS;
  const client = async (): Promise<void> => {
    while (left-- > 0) await manager.queueTask(task);
  };
  await Promise.all(Array.from({ length: 64 }, client));
}

/** Promises that are made, and reactions to promises that run, for each task of a loop. */
async function promisesPerTask(task: () => unknown): Promise<{ made: number; ran: number }> {
  const manager = await start();
  let made = 0;
  let ran = 0;
  const hook = createHook({
    init: (_, type) => void (type === 'PROMISE' && made++),
    before: () => void ran++,
  }).enable();
  await loop(manager, task);
  hook.disable();
  return { made: made / TASKS, ran: ran / TASKS };
}

// Measures that are the same on any machine in any mood: they guard against regressions. How long a task takes is for the
// benchmarks to show.
describe('the cost of a task, counted', () => {
  it('is at most 490 bytes while it waits, its result included, and 410 without its async context', async () => {
    expect(await bytesPerWaitingTask({})).toBeLessThan(490);
    expect(await bytesPerWaitingTask({ asyncContext: false })).toBeLessThan(410);
  });

  it('is a promise, its result, and at most one microtask, for its dispatch, if it is sync', async () => {
    const { made, ran } = await promisesPerTask(one);
    expect(made).toBeLessThan(2.2); // one is that of the client's await, or of the dispatch
    expect(ran).toBeLessThan(2.2); // one is the client's
  });

  it('is two promises and one microtask, for the end of the function, if it is async', async () => {
    const { made, ran } = await promisesPerTask(async () => 1);
    expect(made).toBeLessThan(4.3); // two are the function's and the client's
    expect(ran).toBeLessThan(3.3); // two are the client's
  });

  it('is at most two readings of the clock, and a few for dispatches', async () => {
    const now = vi.fn(() => performance.now());
    const manager = await start({ clock: { now, setTimeout, clearTimeout: (id) => clearTimeout(id as number) } });
    now.mockClear();
    await loop(manager, async () => 1);
    expect(now.mock.calls.length / TASKS).toBeGreaterThan(1);
    expect(now.mock.calls.length / TASKS).toBeLessThan(2.5);
  });
});
