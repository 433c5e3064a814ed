import { describe, expect, it } from 'vitest';
import { isTaskerError, startTaskManager } from '../../src/index.ts';
import type { TaskManager } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { SICK } from '../support/failures.ts';
import { harness, start, watch, word } from '../support/harness.ts';
import type { Bench, BenchConfig, Outcome } from '../support/harness.ts';
import { recordEvents } from '../support/record-events.ts';

const work = (manager: TaskManager<FakeResource>, ms = 10): Outcome<void> =>
  watch(manager.queueTask((resource) => resource.work(ms)));

/** A manager with one worker. */
const single = (overrides: BenchConfig = {}): Promise<Bench> => start({ scaling: 'off', ...overrides });

describe('drain', () => {
  it('resolves when nothing is queued, running or held, and keeps every resource', async () => {
    const { clock, manager, fakes } = await single({ workerCount: 2, maxWorkerCount: 2 });
    const lease = await manager.lease();
    const tasks = [work(manager), work(manager), watch(manager.runTask((resource) => resource.work(30)))];
    const drained = watch(manager.drain());
    await clock.advance(29);
    expect([drained.state, manager.stats().state, manager.inspect().state]).toEqual([
      'pending',
      'draining',
      'draining',
    ]);
    await clock.advance(1);
    expect([drained.state, ...tasks.map(({ state }) => state)]).toEqual(['pending', ...tasks.map(() => 'fulfilled')]);
    await lease.release();
    await clock.advance(0);
    expect([drained.state, manager.stats().state, fakes.reasons]).toEqual(['fulfilled', 'draining', ['temporary']]);
  });

  it('accepts nothing until resume()', async () => {
    const { clock, manager } = await single();
    watch(manager.drain());
    const refused = [
      work(manager),
      watch(manager.runTask(() => 1)),
      watch(manager.submit(() => 1).result),
      watch(manager.lease()),
      watch(manager.map([1], () => 1).next()),
    ];
    await clock.advance(0);
    expect(refused.map(word)).toEqual(refused.map(() => 'STOPPED'));
    const message = 'the task manager is draining: it accepts no new tasks until resume()';
    for (const { error } of refused) expect(error).toMatchObject({ message });
    manager.resume();
    const accepted = work(manager);
    expect(manager.stats().state).toBe('running');
    await clock.advance(10);
    expect(accepted.state).toBe('fulfilled');
  });

  it('lets paused work go on, tells so, and ignores pause()', async () => {
    const { clock, manager } = await single();
    const events = recordEvents(manager, ['paused', 'resumed']);
    manager.pause();
    const task = work(manager);
    const drained = watch(manager.drain());
    manager.pause();
    await clock.advance(10);
    expect([task.state, drained.state, events]).toEqual(['fulfilled', 'fulfilled', ['paused', 'resumed']]);
    manager.resume();
    await clock.advance(0);
    expect(events).toEqual(['paused', 'resumed', 'resumed']);
  });

  it('waits for retries, and for functions that outlive their task', async () => {
    const { clock, manager } = await single({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }) });
    const retried = watch(
      manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : Promise.resolve())),
    );
    await clock.advance(0);
    const outlived = watch(manager.queueTask((resource) => resource.work(200), { timeout: 10 }));
    const drained = watch(manager.drain());
    await clock.advance(10);
    expect([word(outlived), drained.state]).toEqual(['TIMEOUT', 'pending']);
    await clock.advance(189);
    expect(drained.state).toBe('pending');
    await clock.advance(1);
    expect([retried.state, drained.state]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('replaces a resource that breaks meanwhile', async () => {
    const { clock, manager, fakes } = await single({ checkHealth: () => false });
    const retried = watch(
      manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : Promise.resolve(attempt))),
    );
    const drained = watch(manager.drain());
    await clock.advance(100);
    expect([retried.value, drained.state, fakes.created]).toEqual([2, 'fulfilled', 2]);
  });

  it('joins a drain under way, also one that has ended', async () => {
    const { clock, manager } = await single();
    work(manager);
    const drained = [watch(manager.drain()), watch(manager.drain())];
    await clock.advance(9);
    expect(drained.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await clock.advance(1);
    drained.push(watch(manager.drain()));
    await clock.advance(0);
    expect(drained.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('resolves at once where there is nothing to wait for, and may be repeated after resume()', async () => {
    const { clock, manager } = await single();
    for (let i = 0; i < 3; i++) {
      await manager.drain();
      manager.resume();
      work(manager);
      const drained = watch(manager.drain());
      await clock.advance(9);
      expect(drained.state).toBe('pending');
      await clock.advance(1);
      expect(drained.state).toBe('fulfilled');
      manager.resume();
    }
  });

  it('ended by resume() before all is done rejects with an AbortError, which is never unhandled', async () => {
    const { clock, manager } = await single();
    const task = work(manager);
    void manager.drain();
    const drained = watch(manager.drain());
    manager.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect([word(drained), manager.stats().state]).toEqual(['AbortError', 'running']);
    await clock.advance(10);
    expect(task.state).toBe('fulfilled');
  });

  it('has a map that is under way wait for resume(), with or without a bound of the queue', async () => {
    for (const maxQueueSize of [Infinity, 0]) {
      const { clock, manager } = await single({ maxQueueSize });
      const seen: number[] = [];
      const consume = async (): Promise<void> => {
        const mapped = manager.map([1, 2, 3], async (item, resource) => (await resource.work(10), item));
        for await (const item of mapped) seen.push(item);
      };
      const consumed = watch(consume());
      await clock.advance(5);
      const drained = watch(manager.drain());
      await clock.advance(1_000);
      expect([drained.state, seen.length < 3, consumed.state]).toEqual(['fulfilled', true, 'pending']);
      manager.resume();
      await clock.advance(100);
      expect([seen, consumed.state]).toEqual([[1, 2, 3], 'fulfilled']);
    }
  });

  it('a map that waits ends with STOPPED when the manager stops', async () => {
    const { clock, manager } = await single();
    const mapped = manager.map([1, 2], (item) => item, { concurrency: 1 });
    await mapped.next();
    await manager.drain();
    const next = watch(mapped.next());
    await clock.advance(10);
    expect(next.state).toBe('pending');
    watch(manager.stop());
    await clock.advance(0);
    expect(word(next)).toBe('STOPPED');
  });

  it('does not hinder resize() and recycle()', async () => {
    const { clock, manager, fakes } = await single();
    await manager.drain();
    const recycled = watch(manager.recycle());
    await clock.advance(100);
    manager.resize({ workerCount: 2 });
    await clock.advance(100);
    expect([recycled.state, fakes.reasons, manager.stats().activeWorkers]).toEqual(['fulfilled', ['recycled'], 2]);
  });

  it.each(['stop', 'kill'] as const)('is settled by %s(), which works as ever', async (how) => {
    const { clock, manager } = await single();
    const task = work(manager);
    const drained = watch(manager.drain());
    await clock.advance(5);
    const ended = watch(manager[how]());
    expect(manager.stats().state).toBe(how === 'stop' ? 'stopping' : 'killed');
    manager.resume();
    const joined = watch(manager.drain());
    await clock.advance(5);
    expect([task, drained, joined, ended].map(word)).toEqual([
      how === 'stop' ? 'fulfilled' : 'KILLED',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    await manager.drain(); // after the end
    expect(manager.stats().state).toBe(how === 'stop' ? 'stopped' : 'killed');
  });

  it('during the start closes the door at once, and lets the start and what waits for it go on', async () => {
    const { clock, config, adopt } = harness({ createDelay: 50 });
    const manager = adopt(startTaskManager(config()));
    const task = work(manager);
    const drained = watch(manager.drain());
    const [refused, ready] = [work(manager), watch(manager.ready)];
    await clock.advance(50);
    expect([word(refused), ready.state, drained.state, manager.stats().state]).toEqual([
      'STOPPED',
      'fulfilled',
      'pending',
      'draining',
    ]);
    await clock.advance(10);
    expect([task.state, drained.state, word(work(manager))]).toEqual(['fulfilled', 'fulfilled', 'pending']);
    manager.resume();
    expect(manager.stats().state).toBe('running');
  });

  it('during the start is ended by resume(), stop() and a start that fails', async () => {
    for (const how of ['resume', 'stop', 'fail'] as const) {
      const { clock, config, adopt } = harness({ createDelay: 50, failCreate: () => how === 'fail' });
      const manager = adopt(startTaskManager(config()));
      const task = work(manager);
      const drained = watch(manager.drain());
      expect(manager.stats().state).toBe('draining');
      if (how !== 'fail') void manager[how]();
      await clock.advance(100);
      const expected = {
        resume: ['fulfilled', 'AbortError', 'running'],
        stop: ['fulfilled', 'fulfilled', 'stopped'],
        fail: ['CREATE_FAILED', 'fulfilled', 'stopped'],
      };
      expect([how, word(task), word(drained), manager.stats().state]).toEqual([how, ...expected[how]]);
    }
  });

  it('is ended by the signal of the manager, too', async () => {
    const controller = new AbortController();
    const { clock, manager } = await single({ signal: controller.signal });
    await manager.drain();
    controller.abort();
    await clock.advance(0);
    expect(manager.stats().state).toBe('stopped');
  });

  it('called by a signal inside a submission refuses that task', async () => {
    const { clock, manager } = await single();
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      add(...args);
      void manager.drain();
    };
    const refused = watch(manager.queueTask(() => 1, { signal }));
    await clock.advance(0);
    expect([isTaskerError(refused.error, 'STOPPED'), manager.stats().queuedTasks]).toEqual([true, 0]);
  });
});
