import { mock } from 'node:test';
import { createTaskManager, isTaskerError } from 'tasker';
import type { Clock, TaskManager } from 'tasker';
import { VirtualClock, fakeResources } from 'tasker/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watch } from '../support/harness.ts';

/** All that can be faked here; `nextTick`, which Vitest cannot fake in a child process, is left to the test of Jest. */
const everything = (): void => {
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'queueMicrotask',
      'performance',
      'hrtime',
      'Date',
    ],
  });
};

const nodes = (): void => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });

/** Fake timers of a tool, as its users would pass them on. */
const faked: Clock = {
  now: () => performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
});

function start(clock?: Clock): Promise<TaskManager<number>> {
  let made = 0;
  return createTaskManager({
    onCreate: async () => ++made,
    onDestroy: () => {},
    checkHealth: () => false,
    workerCount: 2,
    maxWorkerCount: 2,
    resourcePoolSize: 1,
    ...(clock !== undefined && { clock }),
  });
}

describe.each([
  ['all of Vitest’s fake timers', everything],
  ['those of node:test', nodes],
])('a manager under %s', (_, fake) => {
  it('starts, runs tasks, tells and stops as ever', async () => {
    fake();
    const manager = await start();
    const events: string[] = [];
    for (const event of ['completed', 'retried', 'stopped'] as const) manager.on(event, () => events.push(event));
    const results = [
      manager.queueTask(() => 'queued'),
      manager.runTask(async () => 'direct'),
      manager.queueTask((_resource, { attempt }) => {
        if (attempt === 1) throw new Error('sick');
        return 'retried';
      }),
    ];
    expect(await Promise.all(results)).toEqual(['queued', 'direct', 'retried']);
    const lease = await manager.lease();
    await lease.release();
    await manager.recycle();
    const doubled: number[] = [];
    for await (const item of manager.map([1, 2, 3], (value) => value * 2)) doubled.push(item);
    expect(doubled).toEqual([2, 4, 6]);
    await manager.stop();
    expect(new Set(events)).toEqual(new Set(['completed', 'retried', 'stopped']));
  });

  it('keeps its times by the real clock', async () => {
    fake();
    const manager = await start();
    const late = watch(manager.queueTask(() => new Promise(() => {}), { timeout: 1 }));
    await vi.waitUntil(() => late.state === 'rejected', { interval: 1 }).catch(() => {});
    expect(isTaskerError(late.error, 'TIMEOUT')).toBe(true);
    await manager.kill();
  });

  it('goes on with a drain that makes way for the event loop', async () => {
    fake();
    const manager = await start();
    const results: Promise<number>[] = [];
    for (let i = 0; i < 100_000; i++) results.push(manager.queueTask(() => i));
    expect((await Promise.all(results)).length).toBe(100_000);
    await manager.stop();
  });

  it('is not needed for a virtual clock, which stands still and goes on when it is told', async () => {
    fake();
    const clock = new VirtualClock();
    const starting = createTaskManager({ ...fakeResources({ clock, createDelay: 100 }), clock, workerCount: 1 });
    await clock.advance(100);
    const manager = await starting;
    const late = watch(manager.queueTask(() => new Promise(() => {}), { timeout: 1_000 }));
    await clock.advance(1_000);
    expect(isTaskerError(late.error, 'TIMEOUT')).toBe(true);
    await manager.kill();
  });
});

describe('fake timers as the clock of a manager', () => {
  it('drive it: Vitest’s', async () => {
    everything();
    const manager = await start(faked);
    const late = watch(manager.queueTask(() => new Promise(() => {}), { timeout: 60_000 }));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(late.state).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(isTaskerError(late.error, 'TIMEOUT')).toBe(true);
    const killed = manager.kill();
    await vi.runAllTimersAsync();
    await killed;
  });

  it('drive it: those of node:test', async () => {
    nodes();
    let now = 0;
    const manager = await start({ ...faked, now: () => now });
    const late = watch(manager.queueTask(() => new Promise(() => {}), { timeout: 60_000 }));
    await manager.queueTask(() => 'the other one runs');
    now = 60_000;
    mock.timers.tick(60_000);
    await manager.queueTask(() => 'time to settle');
    expect(isTaskerError(late.error, 'TIMEOUT')).toBe(true);
    await manager.kill();
  });
});
