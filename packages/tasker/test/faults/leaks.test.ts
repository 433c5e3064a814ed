import { describe, expect, it } from 'vitest';
import { children } from '../support/lifecycle-child.ts';

const run = children();

/** In a process of its own: the heap, listeners and timers after the first 100 thousand tasks, and after two million. */
const SCRIPT = `
  import { getEventListeners } from 'node:events';
  import { createTaskManager } from 'tasker';

  const manager = await createTaskManager({ onCreate: () => ({}), onDestroy: () => {}, workerCount: 8 });
  const shared = new AbortController();
  const limits = { timeout: 60_000, queueTimeout: 60_000, deadline: 60_000 };
  let listenersAtMost = 0;

  async function batch() {
    const own = new AbortController();
    const cancelled = new AbortController();
    const all = [];
    for (let i = 0; i < 4_900; i++) {
      const signal = i % 50 === 7 ? cancelled.signal : i % 2 === 0 ? shared.signal : own.signal;
      const options = { ...limits, signal, priority: i % 3, key: 'k' + (i % 5) };
      all.push(manager.queueTask(i % 10 === 0 ? async (_, { signal }) => signal.aborted : () => i, options));
    }
    for (let i = 0; i < 100; i++) {
      const options = { signal: i % 2 === 0 ? shared.signal : own.signal, queueTimeout: 60_000 };
      all.push(manager.lease(options).then((lease) => lease.release()));
    }
    listenersAtMost = Math.max(listenersAtMost, getEventListeners(shared.signal, 'abort').length);
    cancelled.abort();
    await Promise.allSettled(all);
  }

  async function look() {
    await manager.onIdle();
    for (let i = 0; i < 4; i++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return {
      heap: process.memoryUsage().heapUsed / 1e6,
      listeners: getEventListeners(shared.signal, 'abort').length,
      timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    };
  }

  for (let i = 0; i < 20; i++) await batch();
  const before = await look();
  for (let i = 20; i < 400; i++) await batch();
  const after = await look();
  const { totalTasksCompleted, totalTasksCancelled } = manager.metrics();
  await manager.stop();
  console.log(JSON.stringify({ before, after, listenersAtMost, totalTasksCompleted, totalTasksCancelled }));
`;

interface Look {
  readonly heap: number;
  readonly listeners: number;
  readonly timers: number;
}

interface Figures {
  readonly before: Look;
  readonly after: Look;
  readonly listenersAtMost: number;
  readonly totalTasksCompleted: number;
  readonly totalTasksCancelled: number;
}

describe('two million tasks with signals, timeouts and leases', () => {
  it('leave neither memory nor listeners nor timers behind', async () => {
    const { code, lines, stderr } = await run(SCRIPT, '--expose-gc');
    expect([code, stderr]).toEqual([0, '']);
    const figures = JSON.parse(lines[0] ?? '') as Figures;
    console.info('two million tasks:', figures);
    const { before, after, listenersAtMost, totalTasksCompleted, totalTasksCancelled } = figures;
    expect([totalTasksCompleted, totalTasksCancelled]).toEqual([400 * 4_802, 400 * 98]); // leases are in no metric
    expect(listenersAtMost).toBe(1);
    expect([before.listeners, after.listeners]).toEqual([0, 0]);
    expect(after.timers).toBeLessThanOrEqual(before.timers);
    // A single number kept for each task would be 15 MB.
    expect(after.heap - before.heap).toBeLessThan(3);
  }, 300_000);
});
