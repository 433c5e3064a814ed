import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { Clock, TaskManager, TaskManagerConfig } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { FakeResource, FakeResourcesOptions } from '../../src/testing/index.ts';
import { harness, watch } from '../support/harness.ts';

/** Timers as those of Node: armed, each keeps the process alive until it is told not to. */
class NodeLikeClock implements Clock {
  readonly #clock: Clock;
  readonly #holding = new Set<object>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many armed timers keep the process alive. */
  get holding(): number {
    return this.#holding.size;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(fn: () => void, ms: number): object {
    const handle = {
      timer: this.#clock.setTimeout(() => {
        this.#holding.delete(handle);
        fn();
      }, ms),
      ref: () => this.#holding.add(handle),
      unref: () => this.#holding.delete(handle),
    };
    return handle.ref() && handle;
  }

  clearTimeout(handle: unknown): void {
    if (!(typeof handle === 'object' && handle !== null && 'timer' in handle)) return;
    this.#clock.clearTimeout(handle.timer);
    this.#holding.delete(handle);
  }
}

/** A manager with one worker and such a clock. */
async function begin(overrides: Partial<TaskManagerConfig<FakeResource>>, options: FakeResourcesOptions = {}) {
  const bench = harness(options);
  const timers = new NodeLikeClock(bench.clock);
  const starting = createTaskManager(bench.config({ maxWorkerCount: 1, clock: timers, ...overrides }));
  await bench.clock.advance(0);
  const manager: TaskManager<FakeResource> = bench.adopt(await starting);
  return { ...bench, manager, timers };
}

describe('the process is kept alive', () => {
  it('by the deadline of a task while it waits, not while it runs, and again while it waits for a retry', async () => {
    const { clock, manager, timers } = await begin({
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }),
    });
    const [first, second] = [deferred<void>(), deferred<void>()];
    const holding = [timers.holding];
    watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? first : second).promise, { deadline: 1_000 }));
    holding.push(timers.holding);
    await clock.advance(0);
    holding.push(timers.holding);
    first.reject(new Error('sick'));
    await clock.advance(0);
    holding.push(timers.holding); // the backoff, too
    await clock.advance(100);
    holding.push(timers.holding);
    second.resolve();
    await clock.advance(0);
    expect([...holding, timers.holding]).toEqual([0, 1, 0, 2, 0, 0]);
  });

  it('by the `timeout` of a running task, and not by stuckAfter', async () => {
    const { clock, manager, timers } = await begin({ stuckAfter: 500 });
    const gate = deferred<void>();
    watch(manager.queueTask(() => gate.promise));
    await clock.advance(0);
    expect(timers.holding).toBe(0);
    gate.resolve();
    watch(manager.queueTask((resource) => resource.work(50), { timeout: 1_000 }));
    await clock.advance(0);
    expect(timers.holding).toBe(1);
    await clock.advance(100);
    expect(timers.holding).toBe(0);
  });

  it('by the grace of a cancelled function only while a stop waits for it', async () => {
    for (const isStoppedFirst of [true, false]) {
      const { clock, manager, timers } = await begin({ abandonAfter: 1_000 });
      const gate = deferred<void>();
      const controller = new AbortController();
      watch(manager.queueTask(() => gate.promise, { signal: controller.signal }));
      await clock.advance(0);
      if (isStoppedFirst) watch(manager.stop());
      controller.abort();
      expect(timers.holding).toBe(isStoppedFirst ? 1 : 0);
      if (!isStoppedFirst) watch(manager.stop());
      expect(timers.holding).toBe(1);
      gate.resolve();
      await clock.advance(0);
      expect(timers.holding).toBe(0);
    }
  });

  it('by the backoff of a creation only while a task waits for it', async () => {
    const { clock, manager, timers } = await begin(
      { checkHealth: () => false, createBackoff: () => 1_000 },
      { failCreate: (n) => n === 2 },
    );
    watch(manager.queueTaskOnce(() => Promise.reject(new Error('sick'))));
    await clock.advance(0);
    const holding = [timers.holding];
    const task = watch(manager.queueTask(() => 'done'));
    await clock.advance(0);
    holding.push(timers.holding);
    await clock.advance(1_000);
    expect([...holding, timers.holding, task.value]).toEqual([0, 1, 0, 'done']);
  });

  it('by nothing after a stop: no timer is left of what was looked after', async () => {
    const { clock, manager } = await begin({ validate: () => true, keepAlive: 1_000, maxAge: 10_000 });
    watch(manager.queueTask((resource) => resource.work(20)));
    await clock.advance(100);
    const stopping = watch(manager.stop());
    await clock.advance(0);
    expect([stopping.state, clock.pending]).toEqual(['fulfilled', 0]);
  });

  it('by nothing that an idle manager looks after', async () => {
    const { clock, manager, timers } = await begin({
      workerCount: 1,
      maxWorkerCount: 4,
      targetWait: 0,
      validate: () => true,
      keepAlive: 1_000,
      maxAge: 10_000,
    });
    for (let i = 0; i < 8; i++) watch(manager.queueTask((resource) => resource.work(20)));
    await clock.advance(100);
    expect(manager.stats()).toMatchObject({ idleWorkers: 4 });
    expect([clock.pending > 0, timers.holding]).toEqual([true, 0]);
  });
});
