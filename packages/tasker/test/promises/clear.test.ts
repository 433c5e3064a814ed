import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { TaskerError } from '../../src/index.ts';
import { start, watch, word } from '../support/harness.ts';
import type { BenchConfig, Outcome } from '../support/harness.ts';
import { recordEvents } from '../support/record-events.ts';

/** A manager whose only worker works until 100 ms have passed. */
async function busy(overrides: BenchConfig = {}) {
  const bench = await start({ scaling: 'off', ...overrides });
  const { manager, clock } = bench;
  const running = watch(manager.queueTask((resource) => resource.work(100), { name: 'running' }));
  await clock.advance(0);
  return { ...bench, running };
}

describe('clear', () => {
  it('ends all that waits with DROPPED and says how many; what runs goes on', async () => {
    const { clock, manager, running } = await busy({
      maxTemporaryResources: 1,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1_000 }),
    });
    const direct = watch(manager.runTask((resource) => resource.work(100)));
    await clock.advance(100);
    const held = watch(manager.queueTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(0);
    const again = watch(manager.queueTask((resource) => resource.work(100)));
    const other = watch(manager.runTask((resource) => resource.work(100)));
    await clock.advance(0);
    const waiting = [
      watch(manager.queueTask(() => 1)),
      watch(manager.queueTaskWithPriority(() => 1, { key: 'k' })),
      watch(manager.lease()),
      watch(manager.runTask(() => 1)),
    ];
    expect([running.state, direct.state, manager.stats().retryingTasks]).toEqual(['fulfilled', 'fulfilled', 1]);
    expect(manager.clear()).toBe(5);
    await clock.advance(0);
    expect([held, ...waiting].map(word)).toEqual(waiting.map(() => 'DROPPED').concat('DROPPED'));
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 0, retryingTasks: 0, runningTasks: 2 });
    await clock.advance(1_000);
    expect([again, other].map(word)).toEqual(['fulfilled', 'fulfilled']);
    expect(manager.clear()).toBe(0);
  });

  it.each([
    [{ name: 'a' }, ['a', 'a1', 'lease']],
    [{ key: 'k' }, ['a', 'b']],
    [{ priority: 1 }, ['a1']],
    [{ name: 'a', key: 'k' }, ['a']],
    [{ name: 'a', key: 'k', priority: 1 }, []],
    [{}, ['a', 'a1', 'b', 'c', 'lease']],
  ])('ends those that are as each field of %o says', async (filter, expected) => {
    const { clock, manager } = await busy();
    const outcomes = {
      a: watch(manager.queueTask(() => 1, { name: 'a', key: 'k' })),
      a1: watch(manager.queueTask(() => 1, { name: 'a', priority: 1 })),
      b: watch(manager.queueTask(() => 1, { name: 'b', key: 'k' })),
      c: watch(manager.queueTask(() => 1)),
      lease: watch(manager.lease({ name: 'a' }).then((lease) => lease.release())),
    };
    expect(manager.clear(filter)).toBe(expected.length);
    await clock.advance(200);
    const dropped = Object.entries(outcomes).filter(([, outcome]) => word(outcome) === 'DROPPED');
    expect(dropped.map(([name]) => name)).toEqual(expected);
    expect(Object.values(outcomes).filter(({ state }) => state === 'pending')).toEqual([]);
  });

  it('tells of each as `dropped`, and counts it as cancelled; leases are in neither', async () => {
    const { clock, manager } = await busy();
    const events = recordEvents(manager, ['queued', 'dropped', 'cancelled', 'failed']);
    const task = watch(manager.queueTask(() => 1, { name: 'a', key: 'k' }));
    watch(manager.lease());
    manager.clear();
    await clock.advance(0);
    expect(events).toEqual(['queued a', 'dropped a']);
    expect(manager.metrics()).toMatchObject({ totalTasksArrived: 2, totalTasksCancelled: 1, totalTasksFailed: 0 });
    expect((task.error as TaskerError).task).toMatchObject({ name: 'a', key: 'k', state: 'cancelled' });
    expect((task.error as TaskerError).message).toBe('task 2 "a" was dropped by clear()');
  });

  it('lets onIdle, onSizeLessThan and a map that waits for room see it', async () => {
    const { clock, manager } = await busy({ maxQueueSize: 1 });
    manager.pause();
    watch(manager.queueTask(() => 1));
    const mapped = watch(manager.map(['item'], (item) => item).next());
    const [idle, fewer] = [watch(manager.onIdle()), watch(manager.onSizeLessThan(1))];
    await clock.advance(100);
    expect([mapped, idle, fewer].map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    expect(manager.clear()).toBe(1);
    await clock.advance(0);
    expect([idle, fewer].map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(manager.stats().queuedTasks).toBe(1); // the item
    manager.resume();
    await clock.advance(0);
    expect(mapped.value?.value).toBe('item');
  });

  it('ends a map whose item it ends, but not a settled one', async () => {
    const { clock, manager } = await busy();
    const mapped = watch(manager.map([1], () => 1).next());
    const settled = watch(manager.map([1], () => 1, { settled: true }).next());
    await clock.advance(0);
    expect(manager.clear()).toBe(2);
    await clock.advance(0);
    expect(word(mapped)).toBe('DROPPED');
    expect(settled.value).toMatchObject({ value: { status: 'rejected', reason: { code: 'DROPPED' }, item: 1 } });
  });

  it('leaves nothing behind: no timer, no listener, and the keys are free', async () => {
    const { clock, manager } = await busy({ keyConcurrency: 1 });
    const controller = new AbortController();
    const before = clock.pending;
    const options = { key: 'k', signal: controller.signal, queueTimeout: 10_000, deadline: 10_000 };
    for (let i = 0; i < 3; i++) watch(manager.queueTask(() => 1, options));
    expect(manager.clear({ key: 'k' })).toBe(3);
    expect([clock.pending, manager.inspect().keys]).toEqual([before, []]);
    const next = watch(manager.queueTask(() => 1, { key: 'k' }));
    await clock.advance(100);
    expect(word(next)).toBe('fulfilled');
  });

  it('during a stop has the stop wait for less; after the end it finds nothing', async () => {
    const { clock, manager, running } = await busy();
    const waiting = watch(manager.queueTask(() => 1));
    const stopped = watch(manager.stop());
    expect(manager.clear()).toBe(1);
    await clock.advance(100);
    expect([word(waiting), running.state, stopped.value]).toMatchObject(['DROPPED', 'fulfilled', { completed: 1 }]);
    expect(manager.clear()).toBe(0);
  });

  it('during a stop that waits for nothing else ends it', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10_000 }),
    });
    watch(manager.queueTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(0);
    const stopped = watch(manager.stop());
    expect(manager.clear()).toBe(1);
    await clock.advance(0);
    expect(stopped.state).toBe('fulfilled');
  });

  it('what a signal does meanwhile, when its listener is removed, harms nobody', async () => {
    for (const does of ['submits', 'clears', 'kills'] as const) {
      const { clock, manager } = await busy();
      const added: Outcome[] = [];
      const act = {
        submits: () => void added.push(watch(manager.queueTask(() => 'added'))),
        clears: () => void manager.clear(),
        kills: () => void watch(manager.kill()),
      };
      const signal = new AbortController().signal;
      const remove = signal.removeEventListener.bind(signal);
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        remove(...args);
        act[does]();
      };
      const waiting = [undefined, signal, undefined].map((one) =>
        watch(manager.queueTask(() => 1, one === undefined ? {} : { signal: one })),
      );
      const count = manager.clear();
      await clock.advance(200);
      expect([does, waiting.map(word), count]).toEqual(
        {
          submits: [does, ['DROPPED', 'DROPPED', 'DROPPED'], 3],
          clears: [does, ['DROPPED', 'DROPPED', 'DROPPED'], 2],
          kills: [does, ['DROPPED', 'DROPPED', 'KILLED'], 2],
        }[does],
      );
      expect(added.map(word)).toEqual(does === 'submits' ? ['fulfilled'] : []);
    }
  });

  it('refuses a filter that is none, also a field that is undefined, and then ends nothing', async () => {
    const { clock, manager } = await busy();
    const waiting = watch(manager.queueTask(() => 1));
    for (const filter of [5, null, { nam: 'a' }, { name: 1 }, { key: undefined }, { priority: Number.NaN }]) {
      let thrown: unknown;
      try {
        manager.clear(filter as never);
      } catch (error) {
        thrown = error;
      }
      expect([filter, isTaskerError(thrown, 'INVALID_CONFIG')]).toEqual([filter, true]);
    }
    expect(() => manager.clear({ key: undefined } as never)).toThrow('filter.key must be a string, got undefined');
    await clock.advance(100);
    expect(waiting.state).toBe('fulfilled');
  });
});
