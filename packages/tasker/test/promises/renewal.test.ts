import { afterEach, describe, expect, it, vi } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { TaskContext, TaskManager } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { harness, start, watch } from '../support/harness.ts';

afterEach(() => vi.restoreAllMocks());

/** Writes down what is created and destroyed. */
function record(manager: TaskManager<FakeResource>): string[] {
  const log: string[] = [];
  manager.on('resourceCreated', ({ kind }) => log.push(`created ${kind}`));
  manager.on('resourceDestroyed', ({ kind, reason }) => log.push(`destroyed ${kind} ${reason}`));
  return log;
}

describe('recycle', () => {
  it('replaces every resource, makes before it breaks while there is room, and resolves when that is done', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 100, destroyDelay: 10 },
      workerCount: 2,
      maxWorkerCount: 3,
    });
    const log = record(manager);
    const recycling = watch(manager.recycle({ reason: 'new password' }));
    let fewest = Infinity;
    for (let i = 0; i < 60; i++) {
      await clock.advance(5);
      fewest = Math.min(fewest, fakes.alive);
    }
    expect([recycling.state, fewest, fakes.peak]).toEqual(['fulfilled', 2, 3]);
    expect(fakes.all.map(({ state }) => state)).toEqual(['destroyed', 'destroyed', 'alive', 'alive']);
    expect(log.map((entry) => entry.split(' ')[0])).toEqual(['created', 'destroyed', 'created', 'destroyed']);
    expect(manager.stats().activeWorkers).toBe(2);
  });

  it('goes one at a time at the limit, the old one first', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 100, destroyDelay: 10 },
      workerCount: 3,
      maxWorkerCount: 3,
    });
    const log = record(manager);
    const recycling = watch(manager.recycle());
    let fewest = Infinity;
    for (let i = 0; i < 80; i++) {
      await clock.advance(5);
      fewest = Math.min(fewest, fakes.alive);
    }
    expect([recycling.state, fewest, fakes.peak]).toEqual(['fulfilled', 2, 3]);
    expect(log.map((entry) => entry.split(' ')[0])).toEqual([
      'destroyed',
      'created',
      'destroyed',
      'created',
      'destroyed',
      'created',
    ]);
  });

  it('makes one at a time, however much room there is', async () => {
    const { manager, clock, fakes } = await start({ fakes: { createDelay: 100 }, workerCount: 2, maxWorkerCount: 9 });
    const recycling = watch(manager.recycle());
    await clock.advance(1_000);
    expect([recycling.state, fakes.created, fakes.peak]).toEqual(['fulfilled', 4, 3]);
  });

  it('resolves when the last new one is up, not when the last old one has gone', async () => {
    const { manager, clock, fakes } = await start({ fakes: { createDelay: 100 }, maxWorkerCount: 1 });
    const recycling = watch(manager.recycle());
    await clock.advance(99);
    expect([recycling.state, fakes.alive]).toEqual(['pending', 0]);
    await clock.advance(1);
    expect([recycling.state, fakes.alive]).toEqual(['fulfilled', 1]);
  });

  it('replaces an idle one before one that is busy', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 2 });
    for (let i = 0; i < 2; i++) watch(manager.queueTask((resource) => resource.work(resource.id === 1 ? 1_000 : 1)));
    await clock.advance(1);
    const recycling = watch(manager.recycle());
    await clock.advance(1);
    expect([recycling.state, fakes.all.map(({ state }) => state)]).toEqual([
      'pending',
      ['alive', 'destroyed', 'alive'],
    ]);
    await clock.advance(1_000);
    expect(recycling.state).toBe('fulfilled');
  });

  it('neither makes nor retires any while one that has died is being replaced', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n === 3 ? 1_000 : 10) },
      workerCount: 2,
      maxWorkerCount: 9,
      checkHealth: () => false,
    });
    watch(manager.queueTaskOnce(() => Promise.reject(new Error('sick'))));
    await clock.advance(0);
    const recycling = watch(manager.recycle());
    await clock.advance(999);
    expect([fakes.attempts, fakes.reasons]).toEqual([3, ['sick']]);
    await clock.advance(100);
    expect([recycling.state, fakes.reasons]).toEqual(['fulfilled', ['sick', 'recycled', 'recycled']]);
  });

  it('waits for those that are being made, and replaces them too', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n === 2 ? 500 : 10) },
      maxWorkerCount: 4,
      targetWait: 0,
    });
    for (let i = 0; i < 3; i++) watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(20); // the first and the third are busy, the second is being made
    const recycling = watch(manager.recycle());
    await clock.advance(470);
    expect(recycling.state).toBe('pending');
    await clock.advance(100);
    const old = fakes.all.filter(({ id, state }) => id <= 3 && state === 'alive');
    expect([recycling.state, old, manager.stats().activeWorkers]).toEqual(['fulfilled', [], 3]);
  });

  it('keeps the new one for an old one that is still being made, if the one that it was made for has died', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => [0, 0, 500, 100][n] ?? 0 },
      maxWorkerCount: 4,
      targetWait: 0,
      checkHealth: () => false,
    });
    const failing = manager.queueTaskOnce(async (resource) => {
      await resource.work(50);
      throw new Error('sick');
    });
    watch(failing);
    watch(manager.queueTask(() => {})); // for which another one is being made
    await clock.advance(0);
    const recycling = watch(manager.recycle());
    await clock.advance(600);
    expect([recycling.state, fakes.attempts, fakes.reasons]).toEqual(['fulfilled', 3, ['sick', 'recycled']]);
  });

  it('lets a new one that has taken the part of a dead one stay, and makes another before it goes on', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 100 },
      workerCount: 2,
      maxWorkerCount: 3,
      checkHealth: () => false,
    });
    const recycling = watch(manager.recycle());
    await clock.advance(50);
    watch(manager.queueTaskOnce(() => Promise.reject(new Error('sick'))));
    await clock.advance(50);
    const alive: number[] = [];
    for (let i = 0; i < 30; i++) {
      alive.push(fakes.alive);
      await clock.advance(10);
    }
    expect([recycling.state, Math.min(...alive), alive.at(-1)]).toEqual(['fulfilled', 2, 2]);
    expect([fakes.created, fakes.reasons]).toEqual([4, ['sick', 'recycled']]);
  });

  it('does not keep the new one whose old one, a burst worker, has been retired meanwhile', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n === 4 ? 900 : 0) },
      maxWorkerCount: 3,
      targetWait: 0,
      idleTimeout: 400,
      burstInterval: 50,
    });
    for (let i = 0; i < 2; i++) watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(20);
    const recycling = watch(manager.recycle());
    await clock.advance(0);
    watch(manager.queueTask((resource) => resource.work(2_000))); // on the first new one, so that it is not idle
    await clock.advance(899);
    expect([recycling.state, fakes.reasons]).toEqual(['pending', ['recycled', 'idle']]);
    await clock.advance(1);
    expect([recycling.state, fakes.reasons]).toEqual(['fulfilled', ['recycled', 'idle', 'recycled']]);
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, burstWorkers: 0 });
  });

  it('replaces pooled resources, too', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 3 });
    const recycling = watch(manager.recycle());
    await clock.advance(100);
    expect([recycling.state, manager.stats().availableResources, fakes.reasons]).toEqual([
      'fulfilled',
      3,
      Array.from({ length: 4 }, () => 'recycled'),
    ]);
    const id = watch(manager.runTask(({ id }) => id));
    await clock.advance(0);
    expect(id.value).toBeGreaterThan(4);
  });

  it('lets tasks end on the old resource, and no new one start on it', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 10 },
      workerCount: 1,
      maxWorkerCount: 2,
      scaling: 'off',
    });
    const old = watch(manager.queueTask((resource) => resource.work(100).then(() => resource.id)));
    await clock.advance(0);
    const recycling = watch(manager.recycle());
    await clock.advance(10);
    const next = watch(manager.queueTask((resource) => resource.use(() => resource.id)));
    await clock.advance(0);
    expect([next.value, old.state, recycling.state]).toEqual([2, 'pending', 'pending']);
    await clock.advance(90);
    expect([old.value, recycling.state]).toEqual([1, 'fulfilled']);
  });

  it('waits for a lease, and goes on with the others meanwhile', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 3, scaling: 'off' });
    const lease = await manager.lease();
    const recycling = watch(manager.recycle());
    await clock.advance(1_000);
    expect([recycling.state, lease.signal.aborted, fakes.all.filter(({ state }) => state === 'alive').length]).toEqual([
      'pending',
      false,
      3,
    ]);
    await lease.release();
    await clock.advance(0);
    expect([recycling.state, fakes.alive]).toEqual(['fulfilled', 2]);
  });

  it('loses no task, and runs none twice, under load', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 7, destroyDelay: 3, places: 2 },
      workerCount: 2,
      maxWorkerCount: 3,
      tasksPerWorker: 2,
      resourcePoolSize: 2,
    });
    const runs = Array.from({ length: 200 }, () => 0);
    const all = runs.map((_, i) =>
      watch(
        manager[i % 5 === 0 ? 'runTask' : 'queueTask']((resource) => {
          runs[i] = (runs[i] ?? 0) + 1;
          return resource.work(5);
        }),
      ),
    );
    await clock.advance(20);
    const before = fakes.created;
    const recyclings = [watch(manager.recycle()), watch(manager.recycle())];
    await clock.advance(2_000);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(runs.every((count) => count === 1)).toBe(true);
    expect(recyclings.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(fakes.all.slice(0, before).every(({ state }) => state === 'destroyed')).toBe(true);
    expect(manager.stats().availableResources).toBe(2);
  });

  it('replaces every resource while the manager is paused, too', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2 });
    manager.pause();
    const recycling = watch(manager.recycle());
    await clock.advance(100);
    expect([recycling.state, fakes.destroyed, manager.stats().state]).toEqual(['fulfilled', 2, 'paused']);
  });

  it('also replaces a resource that is still being made', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n === 2 ? 100 : 0) },
      checkHealth: () => false,
      maxRetries: 0,
      scaling: 'off',
    });
    watch(manager.queueTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(10);
    const recycling = watch(manager.recycle());
    await clock.advance(1_000);
    expect(recycling.state).toBe('fulfilled');
    expect([fakes.all[1]?.state, fakes.alive]).toEqual(['destroyed', 1]);
  });

  it('while onCreate fails the old ones go on; it resolves when it works again', async () => {
    let isFailing = false;
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: () => isFailing },
      workerCount: 2,
      maxWorkerCount: 3,
      createBackoff: () => 50,
      scaling: 'off',
    });
    isFailing = true;
    const recycling = watch(manager.recycle());
    await clock.advance(10_000);
    const tasks = [1, 2].map(() => watch(manager.queueTask((resource) => resource.work(5).then(() => resource.id))));
    await clock.advance(5);
    expect([recycling.state, fakes.destroyed, new Set(tasks.map(({ value }) => value))]).toEqual([
      'pending',
      0,
      new Set([1, 2]),
    ]);
    isFailing = false;
    await clock.advance(1_000);
    expect([recycling.state, fakes.destroyed, fakes.alive]).toEqual(['fulfilled', 2, 2]);
  });

  it('at the limit a failing onCreate costs one of the old ones, not more', async () => {
    let isFailing = false;
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: () => isFailing },
      workerCount: 3,
      maxWorkerCount: 3,
      createBackoff: () => 50,
    });
    isFailing = true;
    const recycling = watch(manager.recycle());
    await clock.advance(10_000);
    expect([recycling.state, fakes.alive]).toEqual(['pending', 2]);
    isFailing = false;
    await clock.advance(1_000);
    expect([recycling.state, fakes.destroyed, fakes.alive]).toEqual(['fulfilled', 3, 3]);
  });

  for (const end of ['stop', 'kill'] as const) {
    it(`settles when the manager shuts down by ${end}()`, async () => {
      const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, scaling: 'off' });
      const gate = deferred<void>();
      for (let i = 0; i < 2; i++) watch(manager.queueTask(() => gate.promise));
      await clock.advance(0);
      const recycling = watch(manager.recycle());
      await clock.advance(10);
      watch(manager[end]());
      await clock.advance(0);
      gate.resolve();
      await clock.advance(10);
      expect(recycling.state).not.toBe('pending');
    });
  }

  it('rejects with STOPPED after the shutdown, and refuses what is no reason', async () => {
    const { manager, clock } = await start();
    const invalid = watch(manager.recycle({ reason: 5 as never }));
    const unknown = watch(manager.recycle({ because: 'x' } as never));
    watch(manager.stop());
    const stopped = watch(manager.recycle());
    await clock.advance(0);
    expect(isTaskerError(stopped.error, 'STOPPED')).toBe(true);
    expect(isTaskerError(invalid.error, 'INVALID_CONFIG')).toBe(true);
    expect(isTaskerError(unknown.error, 'INVALID_CONFIG')).toBe(true);
  });
});

describe('maxAge', () => {
  it('ends each lifetime between 90 % and 100 % of it, not all at once', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 30, resourcePoolSize: 20, maxAge: 10_000 });
    const times: number[] = [];
    manager.on('resourceDestroyed', ({ reason }) => times.push(reason === 'age' ? clock.now() : NaN));
    await clock.advance(8_999);
    expect(fakes.destroyed).toBe(0);
    for (let i = 0; i < 1_002; i++) await clock.advance(1);
    expect([fakes.destroyed, fakes.alive]).toEqual([50, 50]);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(9_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(10_000);
    expect(new Set(times).size).toBeGreaterThan(20);
    expect(manager.stats()).toMatchObject({ activeWorkers: 30, availableResources: 20 });
  });

  it('ends a lifetime in time although another one has ended within the millisecond before', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.0009).mockReturnValueOnce(0.0002);
    const { manager, clock } = await start({ workerCount: 2, maxAge: 10_000 });
    const times: number[] = [];
    manager.on('resourceDestroyed', () => times.push(clock.now()));
    await clock.advance(10_500);
    expect(times).toEqual([expect.closeTo(9_999.1, 3), expect.closeTo(9_999.8, 3)]);
  });

  for (const [random, lifetime] of [
    [0, 1_000],
    [0.5, 950],
    [1 - Number.EPSILON, 900],
  ] as const) {
    it(`of 1000 ms is a lifetime of ${lifetime} when the dice say ${random}`, async () => {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const { clock, fakes, manage } = harness();
      await manage({ maxAge: 1_000 });
      await clock.advance(lifetime - 1);
      expect(fakes.destroyed).toBe(0);
      await clock.advance(1.001);
      expect(fakes.reasons).toEqual(['age']);
    });
  }

  it('waits for the task that runs, and gives the old resource no further one', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off', maxAge: 1_000 });
    const ids: number[] = [];
    const submit = (ms: number) =>
      watch(
        manager.queueTask((resource) => {
          ids.push(resource.id);
          return resource.work(ms);
        }),
      );
    submit(5_000);
    submit(1);
    await clock.advance(4_999);
    expect(fakes.destroyed).toBe(0);
    await clock.advance(2);
    expect([ids, fakes.reasons]).toEqual([[1, 2], ['age']]);
  });

  it('with places shared it takes no new task once it is too old, and goes when the last has ended', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 2 },
      maxWorkerCount: 1,
      tasksPerWorker: 2,
      maxAge: 1_000,
    });
    const ids: number[] = [];
    const submit = (ms: number) =>
      watch(
        manager.queueTask((resource) => {
          ids.push(resource.id);
          return resource.work(ms);
        }),
      );
    submit(1_500);
    await clock.advance(1_100); // too old now, with a place free
    submit(10);
    await clock.advance(100);
    expect([ids, fakes.destroyed]).toEqual([[1], 0]);
    await clock.advance(1_000);
    expect([ids, fakes.reasons]).toEqual([[1, 2], ['age']]);
  });

  it('counts from the creation, not from the last use', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off', maxAge: 1_000 });
    for (let i = 0; i < 10; i++) {
      watch(manager.queueTask((resource) => resource.work(1)));
      await clock.advance(100);
    }
    expect(fakes.destroyed).toBe(1);
  });
});

/** The computer sleeps: its clock stands still, and the date goes on. */
const sleep = (ms: number): void => void vi.spyOn(Date, 'now').mockReturnValue(Date.now() + ms);

describe('maxAge, when the computer has slept', () => {
  for (const method of ['queueTask', 'runTask'] as const) {
    it(`replaces what has become too old before ${method} uses it`, async () => {
      const sizes = { scaling: 'off', resourcePoolSize: 1, maxTemporaryResources: 0 } as const;
      const { manager, clock, fakes } = await start({ ...sizes, maxAge: 600_000 });
      const run = async (): Promise<unknown> => {
        const outcome = watch(manager[method](({ id }) => id));
        await clock.advance(1);
        return outcome.value;
      };
      const first = await run();
      sleep(300_000);
      expect(await run()).toBe(first);
      sleep(300_000);
      expect([await run(), fakes.reasons]).toEqual([3, ['age']]);
      expect([await run(), await run()]).toEqual([3, 3]); // the new one has not slept
    });
  }

  it('replaces what was in use meanwhile once its task has ended', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off', maxAge: 600_000 });
    const ids: number[] = [];
    const submit = () => watch(manager.queueTask((resource) => (ids.push(resource.id), resource.work(10))));
    submit();
    submit();
    await clock.advance(5);
    sleep(3_600_000);
    await clock.advance(20);
    expect([ids, fakes.reasons]).toEqual([[1, 2], ['age']]);
  });

  it('looks at idle ones when it next looks at all', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, scaling: 'off', maxAge: 600_000 });
    for (let i = 0; i < 2; i++) watch(manager.queueTask((resource) => resource.work(1)));
    await clock.advance(1);
    sleep(599_000);
    watch(manager.queueTask(() => 1)); // and it is seen that less than it thought is left
    await clock.advance(1_001);
    expect(fakes.reasons).toEqual(['age', 'age']);
  });
});

describe('maxUses', () => {
  it('replaces a resource after so many tasks', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off', maxUses: 3, checkHealth: () => true });
    const ids: number[] = [];
    for (let i = 0; i < 7; i++) {
      watch(
        manager.queueTask(({ id }) => {
          ids.push(id);
          if (i % 2 === 0) throw new Error('a failed task is a use, too');
        }),
      );
    }
    await clock.advance(100);
    expect([ids, fakes.reasons]).toEqual([
      [1, 1, 1, 2, 2, 2, 3],
      ['uses', 'uses'],
    ]);
  });

  it('holds for pooled resources', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 1, maxUses: 2 });
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) {
      watch(manager.runTask(({ id }) => void ids.push(id)));
      await clock.advance(10);
    }
    expect([new Set(ids).size, fakes.reasons]).toEqual([3, ['uses', 'uses']]);
  });

  it('is not exceeded by tasks that share the resource', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 4 },
      maxWorkerCount: 1,
      tasksPerWorker: 4,
      maxUses: 3,
    });
    const all = Array.from({ length: 10 }, () => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.advance(1_000);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(fakes.all.map(({ uses }) => uses)).toEqual([3, 3, 3, 1]);
  });

  it('does not hold back a task for a place that may not be used any more', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 2 },
      workerCount: 2,
      maxWorkerCount: 2,
      tasksPerWorker: 2,
      maxUses: 3,
      maxQueueSize: 0,
    });
    const all = Array.from({ length: 4 }, () => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.advance(50);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(fakes.all.every(({ uses }) => uses <= 3)).toBe(true);
  });

  it('1 means a fresh resource for each task', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 2, maxUses: 1 });
    const ids: number[] = [];
    for (let i = 0; i < 6; i++) watch(manager.queueTask(({ id }) => void ids.push(id)));
    await clock.advance(100);
    expect([new Set(ids).size, fakes.alive]).toEqual([6, 2]);
  });
});

describe('a late context.invalidate', () => {
  it('means the resource it came from: idle, that is replaced at once', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 2 });
    let context: TaskContext | undefined;
    const id = await manager.queueTask((resource, own) => {
      context = own;
      return resource.id;
    });
    await clock.advance(10);
    context?.invalidate('the server said goodbye');
    await clock.advance(0);
    expect([fakes.reasons, fakes.all[id - 1]?.state, fakes.alive]).toEqual([['invalidated'], 'destroyed', 2]);
  });

  it('after whoever uses it now', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    let context: TaskContext | undefined;
    await manager.queueTask((_, own) => void (context = own));
    const user = watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(50);
    context?.invalidate();
    await clock.advance(49);
    expect([user.state, fakes.destroyed]).toEqual(['pending', 0]);
    await clock.advance(1);
    expect([user.state, fakes.reasons]).toEqual(['fulfilled', ['invalidated']]);
  });

  it('does nothing once that resource is gone: the new one stays', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    let context: TaskContext | undefined;
    await manager.queueTask((_, own) => {
      context = own;
      own.invalidate();
    });
    await clock.advance(0);
    context?.invalidate();
    context?.invalidate();
    await clock.advance(0);
    expect([fakes.created, fakes.destroyed]).toEqual([2, 1]);
  });

  it('holds for pooled resources, and after the shutdown it does nothing', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 1 });
    let context: TaskContext | undefined;
    await manager.runTask((_, own) => void (context = own));
    context?.invalidate();
    await clock.advance(0);
    expect([fakes.reasons, manager.stats().availableResources]).toEqual([['invalidated'], 1]);
    await manager.queueTask((_, own) => void (context = own));
    watch(manager.stop());
    await clock.advance(0);
    context?.invalidate();
    await clock.advance(0);
    expect(fakes.alive).toBe(0);
  });
});

describe('recycle() that is told to a logger', () => {
  it('says why, and ends if that kills the manager', async () => {
    const lines: string[] = [];
    let isDeadly = false;
    const { manager, clock } = await start({
      logger: {
        ...silentLogger,
        info: (line) => {
          lines.push(line);
          if (isDeadly) watch(manager.kill());
        },
      },
    });
    watch(manager.recycle());
    watch(manager.recycle({ reason: 'new password' }));
    await clock.advance(1_000);
    isDeadly = true;
    const recycling = watch(manager.recycle());
    await clock.advance(1_000);
    expect(lines.slice(0, 2)).toEqual([
      'tasker: recycling every resource',
      'tasker: recycling every resource: new password',
    ]);
    expect(recycling.state).not.toBe('pending');
  });
});
