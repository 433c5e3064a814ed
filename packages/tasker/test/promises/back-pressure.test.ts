import { describe, expect, it } from 'vitest';
import { createTaskManager, isTaskerError } from '../../src/index.ts';
import type { TaskerError, TaskManager, TaskOptions } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { SICK } from '../support/failures.ts';
import { harness, start, startBusy, watch, word } from '../support/harness.ts';
import type { BenchConfig } from '../support/harness.ts';

/** A manager whose only worker is busy, and a log of the tasks that are submitted to it and run. */
async function busy(overrides: BenchConfig) {
  const bench = await startBusy(overrides);
  const log: string[] = [];
  const submit = (name: string, options: TaskOptions = {}) =>
    watch(bench.manager.queueTask(() => void log.push(name), { name, ...options }));
  return { ...bench, log, submit };
}

describe('maxQueueSize', () => {
  it('is how many may wait: the next one is refused with QUEUE_FULL', async () => {
    const { clock, submit, open, log } = await busy({ maxQueueSize: 2 });
    const all = ['a', 'b', 'c', 'd'].map((name) => submit(name));
    await clock.advance(0);
    expect(all.map(word)).toEqual(['pending', 'pending', 'QUEUE_FULL', 'QUEUE_FULL']);
    open();
    await clock.advance(0);
    expect(log).toEqual(['a', 'b']);
  });

  it('names the refused task in the error', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 0 });
    const refused = submit('refused', { key: 'k', priority: 7 });
    await clock.advance(0);
    expect((refused.error as TaskerError).task).toMatchObject({ name: 'refused', key: 'k', priority: 7, attempt: 0 });
    expect((refused.error as TaskerError).message).toContain('maxQueueSize is 0');
  });

  it('names the dropped task in the error', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 1, onFull: 'drop-oldest' });
    const dropped = submit('dropped', { key: 'k' });
    submit('newcomer');
    await clock.advance(0);
    const { code, message, task } = dropped.error as TaskerError;
    expect([code, task]).toMatchObject(['DROPPED', { name: 'dropped', key: 'k', state: 'cancelled' }]);
    expect(message).toContain('maxQueueSize is 1');
  });

  it('does not count the places that are free: tasks that start at once never wait', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, tasksPerWorker: 1, maxQueueSize: 1 });
    const all = [1, 2, 3, 4].map(() => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.advance(0);
    expect(all.map(word)).toEqual(['pending', 'pending', 'pending', 'QUEUE_FULL']);
    expect(manager.stats()).toMatchObject({ runningTasks: 2, queuedTasks: 1 });
    await clock.advance(10);
    const more = [1, 2].map(() => watch(manager.queueTask((resource) => resource.work(10))));
    expect(manager.stats().queuedTasks).toBe(2); // one of the places is free again
    await clock.advance(0);
    expect(more.map(word)).toEqual(['pending', 'pending']);
    await clock.advance(100);
  });

  it('counts no place as free while the manager is paused', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, maxQueueSize: 1 });
    manager.pause();
    const all = [1, 2].map(() => watch(manager.queueTask(() => {})));
    await clock.advance(0);
    expect(all.map(word)).toEqual(['pending', 'QUEUE_FULL']);
    manager.resume();
    await clock.advance(0);
  });

  it('counts the places of shared resources', async () => {
    const { manager, clock } = await start({
      fakes: { places: 3 },
      maxWorkerCount: 1,
      tasksPerWorker: 3,
      maxQueueSize: 0,
    });
    const all = [1, 2, 3, 4].map(() => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.advance(0);
    expect(all.map(word)).toEqual(['pending', 'pending', 'pending', 'QUEUE_FULL']);
    await clock.advance(10);
    expect(all.map(word)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'QUEUE_FULL']);
  });

  it('0 means that nobody waits', async () => {
    const { clock, submit, open, manager } = await busy({ maxQueueSize: 0 });
    const refused = submit('refused');
    await clock.advance(0);
    expect(word(refused)).toBe('QUEUE_FULL');
    open();
    await clock.advance(0);
    const accepted = submit('accepted');
    await clock.advance(0);
    expect([word(accepted), manager.metrics().totalTasksArrived]).toEqual(['fulfilled', 2]);
  });

  it('counts the places of workers that may still be made: they serve what is accepted', async () => {
    const { manager, clock, fakes } = await start({ maxWorkerCount: 4, maxQueueSize: 0 });
    const works = () => watch(manager.queueTask((resource) => resource.work(10_000)));
    const first = works();
    await clock.advance(0);
    const more = [works(), watch(manager.lease()), works()];
    const refused = works();
    await clock.advance(1_000);
    expect([first, ...more, refused].map(word)).toEqual(['pending', 'pending', 'fulfilled', 'pending', 'QUEUE_FULL']);
    expect([fakes.created, manager.stats()]).toMatchObject([4, { runningTasks: 3, leases: 1, queuedTasks: 0 }]);
    await more[1]?.value?.release();
    const next = works();
    await clock.advance(0);
    expect([word(next), manager.stats().runningTasks]).toEqual(['pending', 4]);
    await clock.advance(20_000);
  });

  it('counts them times the tasks that share a worker, and those of workers that are being made', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2, createDelay: 50 },
      maxWorkerCount: 3,
      tasksPerWorker: 2,
      maxQueueSize: 1,
      targetWait: 0,
    });
    const all = Array.from({ length: 9 }, () => watch(manager.queueTask((resource) => resource.work(100))));
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ startingWorkers: 2, runningTasks: 2, queuedTasks: 5 });
    const [refused] = [watch(manager.queueTask(() => 1))];
    await clock.advance(1_000);
    expect([...all, refused].map(word)).toEqual([
      ...Array.from({ length: 7 }, () => 'fulfilled'),
      ...Array(3).fill('QUEUE_FULL'),
    ]);
  });

  it("counts none above workerCount with scaling 'off', but the one that takes the part of a broken one", async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n === 1 ? 0 : 50) },
      maxWorkerCount: 4,
      scaling: 'off',
      maxQueueSize: 0,
      checkHealth: () => false,
      maxRetries: 0,
    });
    const broken = watch(manager.queueTask(() => Promise.reject(SICK)));
    await clock.advance(0);
    const [accepted, refused] = [watch(manager.queueTask(() => 1)), watch(manager.queueTask(() => 1))];
    await clock.advance(100);
    expect([broken, accepted, refused].map(word)).toEqual(['RETRIES_EXHAUSTED', 'fulfilled', 'QUEUE_FULL']);
    expect(fakes.created).toBe(2);
  });

  it('counts no more of them than maxResources leaves room for', async () => {
    const { manager, clock, fakes } = await start({
      maxWorkerCount: 4,
      maxQueueSize: 0,
      maxResources: 2,
      targetWait: 0,
    });
    const all = [1, 2, 3].map(() => watch(manager.queueTask((resource) => resource.work(100))));
    await clock.advance(100);
    expect([all.map(word), fakes.created]).toEqual([['fulfilled', 'fulfilled', 'QUEUE_FULL'], 2]);
  });

  it('counts those of a lazy manager that has none yet', async () => {
    const { manager, clock, fakes } = await start({
      lazy: true,
      scaling: 'off',
      workerCount: 2,
      maxWorkerCount: 2,
      maxQueueSize: 0,
    });
    const all = [1, 2, 3].map(() => watch(manager.queueTask((resource) => resource.work(100))));
    await clock.advance(100);
    expect([all.map(word), fakes.created]).toEqual([['fulfilled', 'fulfilled', 'QUEUE_FULL'], 2]);
  });

  it('counts those of a worker that is being validated: nobody has it', async () => {
    const { clock, manage } = harness();
    const validate = async (): Promise<boolean> => {
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 50));
      return true;
    };
    const sizes = { workerCount: 1, maxWorkerCount: 1, maxQueueSize: 0 };
    const kept = await manage({ ...sizes, validate, keepAlive: 100 });
    await clock.advance(110);
    const [first, second] = [1, 2].map((n) => watch(kept.queueTask(() => n)));
    await clock.advance(50);
    expect([first?.value, second?.error]).toEqual([1, expect.objectContaining({ code: 'QUEUE_FULL' })]);

    const manager = await manage({ ...sizes, validate });
    await clock.advance(600);
    const controller = new AbortController();
    const cancelled = watch(manager.queueTask(() => 3, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort();
    const next = watch(manager.queueTask(() => 4));
    await clock.advance(50);
    expect([cancelled.state, next.value]).toEqual(['rejected', 4]);
  });

  it('counts none while paused', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 4, maxQueueSize: 0 });
    manager.pause();
    const refused = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(word(refused)).toBe('QUEUE_FULL');
    manager.resume();
  });

  it('counts a worker on its way out once it is gone, and tells who waits for room', async () => {
    const { manager, clock } = await start({
      fakes: { destroyDelay: 100 },
      maxWorkerCount: 1,
      maxQueueSize: 0,
      checkHealth: () => false,
      maxRetries: 0,
    });
    watch(manager.queueTask(() => Promise.reject(SICK)));
    await clock.advance(10);
    const mapped = watch(manager.map([1], (item) => item).next());
    const refused = watch(manager.queueTask(() => 1));
    await clock.advance(80);
    expect([mapped, refused].map(word)).toEqual(['pending', 'QUEUE_FULL']);
    await clock.advance(10);
    expect([mapped, refused].map(word)).toEqual(['fulfilled', 'QUEUE_FULL']);
  });

  it('0 refuses while a quarantined function holds the only place', async () => {
    const { manager, clock } = await start({ scaling: 'off', maxQueueSize: 0, abandonAfter: 100 });
    watch(manager.queueTask((resource) => resource.work(50), { timeout: 10 }));
    await clock.advance(20);
    const refused = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(word(refused)).toBe('QUEUE_FULL');
    await clock.advance(30);
    const accepted = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(word(accepted)).toBe('fulfilled');
  });

  it('counts leases that wait, and refuses them likewise', async () => {
    const { clock, submit, manager, open } = await busy({ maxQueueSize: 1 });
    const lease = watch(manager.lease());
    const all = [submit('refused'), watch(manager.lease())];
    await clock.advance(0);
    expect([lease, ...all].map(word)).toEqual(['pending', 'QUEUE_FULL', 'QUEUE_FULL']);
    open();
    await clock.advance(0);
    await lease.value?.release();
  });

  it('counts no retries: they are let back in, and hold nobody out', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      maxQueueSize: 1,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }),
    });
    const retried = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw SICK;
        return 'retried';
      }),
    );
    await clock.advance(10);
    expect(manager.stats().retryingTasks).toBe(1);
    const running = watch(manager.queueTask((resource) => resource.work(200)));
    await clock.advance(0);
    const waiting = watch(manager.queueTask(() => 1));
    const refused = watch(manager.queueTask(() => 1));
    await clock.advance(150); // the retry is ready now and waits beside
    expect([retried, running, waiting, refused].map(word)).toEqual(['pending', 'pending', 'pending', 'QUEUE_FULL']);
    await clock.advance(100);
    expect([retried, running, waiting].map(word)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('does not concern runTask', async () => {
    const { clock, submit, manager } = await busy({ maxQueueSize: 0 });
    const all = [1, 2, 3].map((value) => watch(manager.runTask(() => value)));
    const refused = submit('refused');
    await clock.advance(0);
    expect([...all, refused].map(word)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'QUEUE_FULL']);
  });

  it('makes room when a waiting task is cancelled or runs out of time', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 1 });
    const controller = new AbortController();
    submit('a', { signal: controller.signal });
    controller.abort();
    const b = submit('b', { queueTimeout: 10 });
    await clock.advance(10);
    const c = submit('c');
    await clock.advance(0);
    expect([b, c].map(word)).toEqual(['QUEUE_TIMEOUT', 'pending']);
  });

  it('a refused task is no arrival and in no count but `dropped`', async () => {
    const { clock, submit, manager } = await busy({ maxQueueSize: 0 });
    const log: string[] = [];
    for (const event of ['queued', 'failed', 'cancelled', 'dropped'] as const) {
      manager.on(event, ({ task }) => log.push(`${event} ${task.name}`));
    }
    submit('refused');
    await clock.advance(0);
    expect(log).toEqual(['dropped refused']);
    expect(manager.metrics()).toMatchObject({ totalTasksArrived: 1, totalTasksFailed: 0, failureRate: 0 });
  });

  it('a handle of a refused task says so, and its rejection is the same', async () => {
    const { clock, manager } = await busy({ maxQueueSize: 0 });
    const handle = manager.submit(() => 1);
    const outcome = watch(handle.result);
    await clock.advance(0);
    expect([word(outcome), handle.state === 'queued', handle.cancel()]).toEqual(['QUEUE_FULL', false, false]);
  });
});

describe("onFull 'drop-oldest'", () => {
  it('drops the oldest task of the lowest waiting priority', async () => {
    const { clock, submit, open, log } = await busy({ maxQueueSize: 3, onFull: 'drop-oldest' });
    const high = submit('high', { priority: 1 });
    const [a, b] = [submit('a'), submit('b')];
    const c = submit('c');
    await clock.advance(0);
    expect([high, a, b, c].map(word)).toEqual(['pending', 'DROPPED', 'pending', 'pending']);
    const urgent = submit('urgent', { priority: 5 });
    await clock.advance(0);
    expect([high, b, c, urgent].map(word)).toEqual(['pending', 'DROPPED', 'pending', 'pending']);
    open();
    await clock.advance(0);
    expect(log).toEqual(['urgent', 'high', 'c']);
  });

  it('refuses a newcomer that is itself lower', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 1, onFull: 'drop-oldest' });
    const waiting = submit('waiting');
    const lower = submit('lower', { priority: -0.5 });
    await clock.advance(0);
    expect([waiting, lower].map(word)).toEqual(['pending', 'QUEUE_FULL']);
  });

  it('looks at the oldest over all keys, those at their cap included', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      keyConcurrency: 1,
      maxQueueSize: 2,
      onFull: 'drop-oldest',
    });
    const submit = (key: string) => watch(manager.queueTask((resource) => resource.work(10), { key }));
    const running = [submit('a'), submit('b')];
    await clock.advance(0);
    const waiting = [submit('b'), submit('a'), submit('c')];
    await clock.advance(0);
    expect([...running, ...waiting].map(word)).toEqual(['pending', 'pending', 'DROPPED', 'pending', 'pending']);
    await clock.advance(100);
  });

  it('drops leases, too, and never a retry', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      maxQueueSize: 1,
      onFull: 'drop-oldest',
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10 }),
    });
    const retry = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw SICK;
      }),
    );
    await clock.advance(0);
    watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(20);
    const lease = watch(manager.lease());
    const newcomer = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect([retry, lease, newcomer].map(word)).toEqual(['pending', 'DROPPED', 'pending']);
    await clock.advance(100);
    expect([retry, newcomer].map(word)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('refuses when nothing is there to drop', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 0, onFull: 'drop-oldest' });
    const newcomer = submit('newcomer', { priority: 9 });
    await clock.advance(0);
    expect(word(newcomer)).toBe('QUEUE_FULL');
  });

  it('counts a dropped task as cancelled, and only as that', async () => {
    const { clock, submit, manager, open } = await busy({ maxQueueSize: 1, onFull: 'drop-oldest' });
    const log: string[] = [];
    for (const event of ['queued', 'completed', 'failed', 'cancelled', 'dropped'] as const) {
      manager.on(event, ({ task }) => log.push(`${event} ${task.name}`));
    }
    submit('a');
    submit('b');
    await clock.advance(0);
    open();
    await clock.advance(0);
    expect(log).toEqual(['queued a', 'dropped a', 'queued b', 'completed undefined', 'completed b']);
    expect(manager.metrics()).toMatchObject({ totalTasksArrived: 3, totalTasksCancelled: 1, totalTasksFailed: 0 });
  });

  it('leaves nothing of a dropped task behind: no timer, no listener', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 1, onFull: 'drop-oldest' });
    const controller = new AbortController();
    const before = clock.pending;
    const a = submit('a', { signal: controller.signal, queueTimeout: 10_000, deadline: 10_000 });
    submit('b');
    expect(clock.pending).toBe(before);
    controller.abort();
    await clock.advance(0);
    expect(word(a)).toBe('DROPPED');
  });
});

describe("onFull 'drop-lowest'", () => {
  it('drops the newest task of the lowest waiting priority, for a newcomer that is higher', async () => {
    const { clock, submit, open, log } = await busy({ maxQueueSize: 3, onFull: 'drop-lowest' });
    const [a, b, high] = [submit('a'), submit('b'), submit('high', { priority: 1 })];
    const higher = submit('higher', { priority: 0.5 });
    await clock.advance(0);
    expect([a, b, high, higher].map(word)).toEqual(['pending', 'DROPPED', 'pending', 'pending']);
    open();
    await clock.advance(0);
    expect(log).toEqual(['high', 'higher', 'a']);
  });

  it('refuses a newcomer that is not higher', async () => {
    const { clock, submit } = await busy({ maxQueueSize: 2, onFull: 'drop-lowest' });
    const all = [submit('a'), submit('b', { priority: 1 }), submit('equal'), submit('lower', { priority: -1 })];
    await clock.advance(0);
    expect(all.map(word)).toEqual(['pending', 'pending', 'QUEUE_FULL', 'QUEUE_FULL']);
  });

  it('goes by the priority a task has now', async () => {
    const { clock, manager, submit } = await busy({ maxQueueSize: 2, onFull: 'drop-lowest' });
    const raised = manager.submit(() => 1);
    const lowered = manager.submit(() => 1, { priority: 9 });
    const outcomes = [watch(raised.result), watch(lowered.result)];
    raised.priority = 9;
    lowered.priority = 0;
    const newcomer = submit('newcomer', { priority: 1 });
    await clock.advance(0);
    expect([...outcomes, newcomer].map(word)).toEqual(['pending', 'DROPPED', 'pending']);
  });
});

/** Maps five items, each of which takes 5 ms, and adds up what comes out. */
async function mapAndSum(manager: TaskManager<FakeResource>): Promise<number> {
  let sum = 0;
  for await (const item of manager.map([1, 2, 3, 4, 5], async (item, resource) => (await resource.work(5), item))) {
    sum += item;
  }
  return sum;
}

describe('to hold a producer back', () => {
  it('onSizeLessThan resolves when fewer tasks are queued', async () => {
    const { clock, submit, open, manager } = await busy({});
    for (const name of ['a', 'b', 'c']) submit(name, { priority: name === 'a' ? 1 : 0 });
    const waits = [1, 2, 3, 4].map((limit) => watch(manager.onSizeLessThan(limit)));
    await clock.advance(0);
    expect(waits.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending', 'fulfilled']);
    open();
    await clock.advance(0);
    expect(waits.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('a hundred producers that each wait for room never queue more than the limit', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
    let most = 0;
    let left = 1_000;
    const produce = async (): Promise<void> => {
      while (left-- > 0) {
        await manager.onSizeLessThan(10);
        watch(manager.queueTask((resource) => resource.work(1)));
        most = Math.max(most, manager.stats().queuedTasks);
      }
    };
    const producers = Array.from({ length: 100 }, () => watch(produce()));
    await clock.advance(1_000);
    expect(producers.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(manager.metrics().totalTasksCompleted).toBe(1_000);
    expect(most).toBe(10);
  });

  it('nor do producers whose own awaits lie between the room and the task', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const submit = async (): Promise<void> => {
      const room = async (): Promise<void> => manager.onSizeLessThan(5);
      await room();
      await Promise.resolve();
      watch(manager.queueTask((resource) => resource.work(1)));
    };
    let most = 0;
    manager.on('queued', () => (most = Math.max(most, manager.stats().queuedTasks)));
    const producers = Array.from({ length: 50 }, () => watch(submit()));
    await clock.advance(0);
    expect(most).toBeLessThanOrEqual(5);
    await clock.advance(100);
    expect(producers.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('callers of onSizeLessThan go in turn, each at its limit', async () => {
    const { clock, submit, open, manager } = await busy({});
    const turns: string[] = [];
    for (let i = 0; i < 4; i++) submit(`${i}`);
    const wait = async (name: string, limit: number): Promise<void> => {
      await manager.onSizeLessThan(limit);
      turns.push(name);
      submit(name);
    };
    watch(wait('a', 3));
    watch(wait('b', 4));
    watch(wait('c', 3));
    watch(wait('d', 5));
    await clock.advance(0);
    expect(turns).toEqual(['d']); // 4 < 5, and with its own task nobody's limit holds
    open();
    await clock.advance(0);
    expect(turns).toEqual(['d', 'a', 'b', 'c']);
  });

  it('one that submits nothing holds up the others for a moment only', async () => {
    const { clock, open, submit, manager } = await busy({});
    for (let i = 0; i < 10; i++) submit(`${i}`);
    const waits = Array.from({ length: 200 }, () => watch(manager.onSizeLessThan(1)));
    await clock.advance(0);
    expect(waits.filter(({ state }) => state !== 'pending')).toEqual([]);
    open();
    await clock.advance(0);
    expect(waits.filter(({ state }) => state !== 'fulfilled')).toEqual([]);
  });

  it('maps that wait for room go in turn', async () => {
    const { manager, clock } = await start({ workerCount: 1, maxWorkerCount: 1, maxQueueSize: 2, onFull: 'reject' });
    const done = Array.from({ length: 20 }, () => 0);
    const run = async (map: number): Promise<void> => {
      const items = Array.from({ length: 10 }, (_, i) => i);
      const mapped = manager.map(items, (item, resource) => resource.work(1).then(() => item), { concurrency: 1 });
      for await (const item of mapped) done[map] = item + 1;
    };
    const maps = done.map((_, map) => watch(run(map)));
    await clock.advance(100);
    expect(Math.max(...done) - Math.min(...done)).toBeLessThanOrEqual(1);
    await clock.advance(200);
    expect(maps.map(({ state, error }) => error ?? state)).toEqual(Array.from(maps, () => 'fulfilled'));
  });

  for (const onFull of ['reject', 'drop-oldest', 'drop-lowest'] as const) {
    it(`map waits for room although onFull is ${onFull}, and drops nobody`, async () => {
      const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, maxQueueSize: 1, onFull });
      const dropped: string[] = [];
      manager.on('dropped', ({ task }) => dropped.push(task.id));
      const others = [1, 2, 3].map(() => watch(manager.queueTask((resource) => resource.work(20))));
      const results: number[] = [];
      const run = async (): Promise<void> => {
        const items = Array.from({ length: 20 }, (_, i) => i);
        const mapped = manager.map(items, async (item, resource) => (await resource.work(5), item), {
          concurrency: 20,
          priority: 3,
        });
        for await (const item of mapped) results.push(item);
      };
      const running = watch(run());
      await clock.advance(1_000);
      expect(running.state).toBe('fulfilled');
      expect(results).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect([others.map(word), dropped]).toEqual([['fulfilled', 'fulfilled', 'fulfilled'], []]);
    });

    it(`several maps at once wait for room although onFull is ${onFull} and nobody may wait`, async () => {
      const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, maxQueueSize: 0, onFull });
      const dropped: string[] = [];
      manager.on('dropped', ({ task }) => dropped.push(task.id));
      const sums = [1, 2, 3, 4].map(() => watch(mapAndSum(manager)));
      await clock.advance(1_000);
      expect([sums.map(({ value, error }) => value ?? error), dropped]).toEqual([[15, 15, 15, 15], []]);
    });
  }

  it('a map that waits for room ends with STOPPED when the manager stops', async () => {
    const { clock, manager, open } = await busy({ maxQueueSize: 0 });
    const next = watch(manager.map([1, 2], (item) => item).next());
    await clock.advance(10);
    watch(manager.stop());
    await clock.advance(0);
    expect(word(next)).toBe('STOPPED');
    open();
    await clock.advance(0);
  });

  it('refuses a bound that is none', async () => {
    const { config } = harness();
    for (const maxQueueSize of [-1, NaN, 1.5, '3' as never]) {
      await expect(createTaskManager(config({ maxQueueSize }))).rejects.toSatisfy((error) =>
        isTaskerError(error, 'INVALID_CONFIG'),
      );
    }
    await expect(createTaskManager(config({ onFull: 'drop' as never }))).rejects.toSatisfy((error) =>
      isTaskerError(error, 'INVALID_CONFIG'),
    );
  });
});
