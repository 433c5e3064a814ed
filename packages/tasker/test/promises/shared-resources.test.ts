import { describe, expect, it } from 'vitest';
import type { TaskContext } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';

const SHARED = { workerCount: 1, maxWorkerCount: 1, tasksPerWorker: 3 } as const;

describe('a resource shared by several tasks', () => {
  it('has so many places, and never more tasks run than there are places', async () => {
    const { manager, clock } = await start({ fakes: { places: 3 }, ...SHARED, workerCount: 2, maxWorkerCount: 2 });
    for (let i = 0; i < 20; i++) watch(manager.queueTask((resource) => resource.work(10)));
    let most = 0;
    for (let i = 0; i < 60; i++) {
      await clock.advance(1);
      most = Math.max(most, manager.stats().runningTasks);
    }
    expect([most, manager.stats().activeWorkers]).toEqual([6, 2]);
  });

  it('is chosen when it is the least busy one, not because it was used last', async () => {
    const { manager, clock } = await start({ fakes: { places: 3 }, ...SHARED, workerCount: 3, maxWorkerCount: 3 });
    const users: number[] = [];
    const use = (ms: number) =>
      watch(
        manager.queueTask(async (resource) => {
          users[resource.id] = (users[resource.id] ?? 0) + 1;
          await resource.work(ms);
        }),
      );
    use(1_000);
    use(1_000);
    await clock.advance(0);
    use(10);
    await clock.advance(0);
    expect(users.slice(1)).toEqual([1, 1, 1]);
    await clock.advance(10);
    for (let i = 0; i < 4; i++) use(1_000);
    await clock.advance(0);
    expect(manager.inspect().workers.map(({ tasks }) => tasks.length)).toEqual([2, 2, 2]);
  });

  it('lets the task that waits go to the least busy one, also when a place of a busier one is free first', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2 },
      ...SHARED,
      tasksPerWorker: 2,
      workerCount: 2,
      maxWorkerCount: 2,
    });
    for (const ms of [10, 1_000, 10, 1_000]) watch(manager.queueTask((resource) => resource.work(ms)));
    await clock.advance(10);
    watch(manager.queueTask((resource) => resource.work(500)));
    watch(manager.queueTask((resource) => resource.work(500)));
    await clock.advance(1);
    expect(manager.inspect().workers.map(({ tasks }) => tasks.length)).toEqual([2, 2]);
  });

  it('leaves the next task to a less busy one, also in the moment in which a place of it is free', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2 },
      ...SHARED,
      tasksPerWorker: 2,
      workerCount: 2,
      maxWorkerCount: 2,
    });
    const gate = deferred<void>();
    const task = (resource: FakeResource): PromiseLike<void> => (resource.id === 1 ? resource.work(10) : gate.promise);
    const first = [1, 2, 3, 4].map(() => watch(manager.queueTask(task)));
    await clock.advance(10);
    gate.resolve(); // these tasks end before what is submitted now is looked at
    const next = watch(manager.queueTask(({ id }) => id));
    const later = watch(manager.queueTask(({ id }) => id));
    await clock.advance(0);
    expect(first.map(({ state }) => state)).not.toContain('pending');
    expect([next.value, later.value, manager.stats().idleWorkers]).toEqual([1, 1, 2]);
  });

  it('is given no task when the validation of another has found it dead', async () => {
    let victim: TaskContext | undefined;
    const { manager, clock } = await start({
      fakes: { places: 2 },
      ...SHARED,
      tasksPerWorker: 2,
      workerCount: 2,
      maxWorkerCount: 2,
      scaling: 'off',
      validate: () => {
        victim?.invalidate();
        return true;
      },
    });
    await clock.advance(400);
    watch(
      manager.queueTask((resource, context) => {
        victim = context;
        return resource.work(1_000);
      }),
    );
    await clock.advance(200); // the other one has been idle for longer than validateAfter
    const next = watch(manager.queueTask(({ id }) => id));
    await clock.advance(0);
    expect(next.value).toBe(1);
  });

  it('makes its places when they are needed', async () => {
    const { manager, clock } = await start({ fakes: { places: 1e9 }, ...SHARED, tasksPerWorker: 1e9 });
    const outcomes = Array.from({ length: 5 }, () => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ runningTasks: 5, activeWorkers: 1 });
    await clock.advance(10);
    expect(outcomes.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(manager.inspect().workers[0]).toMatchObject({ uses: 5, tasks: [] });
  });

  it('rests once the law has not wanted it for idleTimeout, and works again when all others are full', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 4 },
      tasksPerWorker: 4,
      maxWorkerCount: 4,
      targetWait: 0,
      idleTimeout: 300,
    });
    const use = (ms: number) => watch(manager.queueTask((resource) => resource.work(ms)));
    for (let i = 0; i < 16; i++) use(10);
    await clock.advance(10);
    expect(manager.stats().activeWorkers).toBe(4);
    // Two at a time, one after the other: one worker has room for both.
    for (let i = 0; i < 200; i++) {
      if (i % 2 === 0) use(19);
      await clock.advance(10);
      if (i < 20) expect(manager.stats().activeWorkers).toBe(4);
    }
    expect([manager.stats().activeWorkers, fakes.reasons]).toEqual([1, ['idle', 'idle', 'idle']]);
    for (let i = 0; i < 8; i++) use(10);
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ activeWorkers: 2, runningTasks: 8 });
  });

  it('rests although the work that is left would keep all of them busy, a task each', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 4 },
      tasksPerWorker: 4,
      maxWorkerCount: 4,
      targetWait: 0,
      idleTimeout: 300,
    });
    const use = (ms: number) => watch(manager.queueTask((resource) => resource.work(ms)));
    for (let i = 0; i < 16; i++) use(10);
    await clock.advance(10);
    // Four at a time: one worker has room for them, and yet each would have one.
    const active: number[] = [];
    for (let i = 0; i < 400; i++) {
      use(19);
      await clock.advance(5);
      active.push(manager.stats().activeWorkers);
    }
    expect([active[0], active[110], active.at(-1)]).toEqual([4, 4, 1]); // 300 ms unwanted, and then as long idle
    expect(fakes.reasons).toEqual(['idle', 'idle', 'idle']);
  });

  it('rests at the next tick if a law of the user wants fewer, the least busy one that may go', async () => {
    let wanted = 4;
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      tasksPerWorker: 3,
      maxWorkerCount: 4,
      burstInterval: 100,
      scaling: () => wanted,
    });
    // How many tasks go on on each worker, the base one first.
    const left = [1, 2, 1, 2];
    const begun = [0, 0, 0, 0];
    for (let i = 0; i < 12; i++) {
      watch(
        manager.queueTask((resource) => {
          const worker = resource.id - 1;
          begun[worker] = (begun[worker] ?? 0) + 1;
          return resource.work((begun[worker] ?? 0) > (left[worker] ?? 0) ? 50 : 1_000);
        }),
      );
    }
    const busy = (): number[] => manager.inspect().workers.map(({ tasks }) => tasks.length);
    await clock.advance(90);
    expect(busy()).toEqual(left);
    wanted = 3;
    await clock.advance(20);
    for (let i = 0; i < 4; i++) watch(manager.queueTask((resource) => resource.work(500)));
    await clock.advance(1);
    expect(busy()).toEqual([3, 3, 1, 3]);
    watch(manager.queueTask((resource) => resource.work(500))); // all others are full
    await clock.advance(1);
    expect(busy()).toEqual([3, 3, 2, 3]);
    await clock.advance(5_000);
    expect([manager.stats().activeWorkers, fakes.reasons]).toEqual([3, ['idle']]);
  });

  it('leaves no timer behind when there are no more of them than base workers', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2 },
      workerCount: 2,
      maxWorkerCount: 4,
      tasksPerWorker: 2,
    });
    watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });

  it('that is sick lets its other tasks finish, takes no new one and is destroyed after the last', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      ...SHARED,
      checkHealth: sickIfSo,
    });
    const log: string[] = [];
    const run = (name: string, ms: number) =>
      watch(
        manager.queueTask(async (resource) => {
          await resource.work(ms);
          log.push(`${name} on ${resource.id}`);
        }),
      );
    const [long, short] = [run('long', 100), run('short', 50)];
    const retried = watch(
      manager.queueTask(async (resource, { attempt }) => {
        await resource.work(10);
        if (attempt === 1) throw SICK;
        log.push(`retried on ${resource.id}`);
      }),
    );
    await clock.advance(10);
    const next = run('next', 1);
    await clock.advance(89);
    expect([log, fakes.destroyed, short.state, long.state]).toEqual([['short on 1'], 0, 'fulfilled', 'pending']);
    await clock.advance(100);
    expect(fakes.reasons).toEqual(['sick']);
    expect(log).toEqual(['short on 1', 'long on 1', 'next on 2', 'retried on 2']);
    expect([retried.state, next.state]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('that is sick is replaced in the background while its tasks finish, if there is room', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      ...SHARED,
      maxWorkerCount: 2,
      scaling: 'off',
      checkHealth: sickIfSo,
    });
    watch(manager.queueTask((resource) => resource.work(1_000)));
    watch(manager.queueTask(() => Promise.reject(SICK), { retry: false }));
    await clock.advance(10);
    const next = watch(manager.queueTask(({ id }) => id));
    await clock.advance(0);
    expect([next.value, fakes.created, fakes.destroyed]).toEqual([2, 2, 0]);
    await clock.advance(1_000);
    expect(fakes.destroyed).toBe(1);
  });

  it('is judged for each failing task, and replaced once however many call it sick', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      ...SHARED,
      checkHealth: sickIfSo,
    });
    const all = [10, 20, 30].map((ms) =>
      watch(
        manager.queueTask(async (resource, { attempt }) => {
          await resource.work(ms);
          if (attempt === 1) throw SICK;
          return resource.id;
        }),
      ),
    );
    await clock.advance(1_000);
    expect([all.map(({ value }) => value), fakes.reasons, fakes.created]).toEqual([[2, 2, 2], ['sick'], 2]);
  });

  it('that is invalidated goes after its last task, whoever has invalidated it', async () => {
    const { manager, clock, fakes } = await start({ fakes: { places: 3 }, ...SHARED });
    let context: TaskContext | undefined;
    watch(manager.queueTask((_, own) => void (context = own)));
    const long = watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(10);
    context?.invalidate();
    const next = watch(manager.queueTask(({ id }) => id));
    await clock.advance(80);
    expect([long.state, next.state, fakes.destroyed]).toEqual(['pending', 'pending', 0]);
    await clock.advance(10);
    expect([long.state, next.value, fakes.reasons]).toEqual(['fulfilled', 2, ['invalidated']]);
  });

  it('with a quarantined place goes on with the others', async () => {
    const { manager, clock } = await start({ fakes: { places: 3 }, ...SHARED, maxQueueSize: 0 });
    watch(manager.queueTask((resource) => resource.work(100), { timeout: 10 }));
    await clock.advance(20);
    expect(manager.stats()).toMatchObject({ quarantinedWorkers: 1, runningTasks: 0 });
    const all = [1, 2, 3].map(() => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.advance(10);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await clock.advance(70);
    expect(manager.stats().quarantinedWorkers).toBe(0);
  });

  it('that is abandoned lets its other tasks finish before it is destroyed', async () => {
    const { manager, clock, fakes } = await start({ fakes: { places: 3 }, ...SHARED, abandonAfter: 50 });
    watch(manager.queueTask(() => new Promise(() => {}), { timeout: 10 }));
    const long = watch(manager.queueTask((resource) => resource.work(200)));
    await clock.advance(60);
    const next = watch(manager.queueTask(({ id }) => id));
    await clock.advance(139);
    expect([long.state, next.state, fakes.destroyed]).toEqual(['pending', 'pending', 0]);
    await clock.advance(1);
    expect([long.state, next.value, fakes.reasons]).toEqual(['fulfilled', 2, ['abandoned']]);
  });

  it('that is surplus takes no new task and goes when its others have ended', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      ...SHARED,
      workerCount: 2,
      maxWorkerCount: 2,
    });
    for (let i = 0; i < 6; i++) watch(manager.queueTask((resource) => resource.work(i % 3 === 0 ? 100 : 20)));
    await clock.advance(10);
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    await clock.advance(200);
    expect([fakes.reasons, fakes.alive]).toEqual([['resized'], 1]);
  });

  it('with a retry on the kept resource: that is the only one, so it runs there', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      ...SHARED,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    });
    const outcome = watch(
      manager.queueTask(({ id }, { attempt }) => {
        if (attempt === 1) throw SICK;
        return id;
      }),
    );
    await clock.advance(0);
    expect([outcome.value, fakes.created]).toEqual([1, 1]);
  });

  it('stop() waits for every place, kill() for none', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const { manager, clock, fakes } = await start({ fakes: { places: 3 }, ...SHARED });
      const all = [10, 20, 30, 40].map((ms) => watch(manager.queueTask((resource) => resource.work(ms))));
      await clock.advance(5);
      const ending = watch(manager[end]());
      await clock.advance(0);
      expect([ending.state, fakes.destroyed]).toEqual(end === 'kill' ? ['fulfilled', 1] : ['pending', 0]);
      await clock.advance(100);
      expect(new Set(all.map(({ state }) => state))).toEqual(new Set([end === 'kill' ? 'rejected' : 'fulfilled']));
    }
  });
});
