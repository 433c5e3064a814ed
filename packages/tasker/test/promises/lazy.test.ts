import { describe, expect, it } from 'vitest';
import type { TaskContext } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { start, watch } from '../support/harness.ts';

const id = (resource: FakeResource): number => resource.id;
const kind = (_: FakeResource, { worker }: TaskContext): string => worker.kind;
const createBackoff = (): number => 100;

describe('a lazy manager', () => {
  it('makes nothing before the first task, and then one worker for each waiting task, up to workerCount', async () => {
    const { manager, clock, fakes } = await start({
      lazy: true,
      workerCount: 4,
      maxWorkerCount: 4,
      resourcePoolSize: 4,
    });
    await clock.advance(10_000);
    expect([fakes.attempts, manager.stats().state]).toEqual([0, 'running']);
    expect(await manager.queueTask(id)).toBe(1);
    expect(fakes.attempts).toBe(1);
    const leases = await Promise.all([1, 2, 3].map(() => manager.lease()));
    expect(fakes.attempts).toBe(3);
    for (let i = 0; i < 9; i++) void manager.queueTask(id);
    await clock.advance(0);
    expect(fakes.attempts).toBe(4);
    await Promise.all(leases.map((lease) => lease.release()));
  });

  it('makes as many workers as tasks that share them need', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      lazy: true,
      workerCount: 4,
      maxWorkerCount: 4,
      tasksPerWorker: 3,
    });
    for (let i = 0; i < 7; i++)
      void manager.queueTask(() => new Promise((resolve) => clock.setTimeout(() => resolve(i), 10)));
    await clock.advance(5);
    expect([fakes.attempts, manager.stats().runningTasks]).toEqual([3, 7]);
    await clock.advance(10);
  });

  it('makes none for tasks that a worker has places for once it is validated', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 3 },
      lazy: true,
      workerCount: 4,
      maxWorkerCount: 4,
      tasksPerWorker: 3,
      validateAfter: 0,
      validate: (resource) => resource.work(20).then(() => true),
    });
    watch(manager.queueTask(id));
    await clock.advance(100);
    const tasks = [1, 2, 3].map(() => watch(manager.queueTask(id)));
    await clock.advance(100);
    expect([fakes.attempts, tasks.map(({ value }) => value)]).toEqual([1, [1, 1, 1]]);
  });

  it('goes beyond workerCount as the law says, and with scaling off never', async () => {
    for (const scaling of ['auto', 'off'] as const) {
      const { manager, clock, fakes } = await start({
        lazy: true,
        workerCount: 2,
        maxWorkerCount: 5,
        targetWait: 0,
        scaling,
      });
      for (let i = 0; i < 9; i++)
        void manager.queueTask(() => new Promise((resolve) => clock.setTimeout(() => resolve(i), 10)));
      await clock.advance(5);
      expect(fakes.attempts).toBe(scaling === 'auto' ? 5 : 2);
      await clock.advance(100);
    }
  });

  it('makes a pooled resource for each runTask that finds none free, and a temporary one only beyond the pool', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 10 },
      lazy: true,
      workerCount: 4,
      resourcePoolSize: 2,
    });
    const first = watch(manager.runTask(kind));
    await clock.advance(10);
    expect([first.value, fakes.attempts]).toEqual(['pool', 1]);
    const held = [1, 2, 3].map(() =>
      manager.runTask(async (resource, context) => {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 50));
        return kind(resource, context);
      }),
    );
    await clock.advance(100);
    expect((await Promise.all(held)).toSorted()).toEqual(['pool', 'pool', 'temporary']);
  });

  it('lets everything go after idleTimeout without work, and makes it anew for the next task', async () => {
    const { manager, clock, fakes } = await start({
      lazy: true,
      workerCount: 2,
      resourcePoolSize: 1,
      idleTimeout: 5_000,
    });
    const scaled: string[] = [];
    manager.on('scaled', ({ from, to, message }) => scaled.push(`${from} → ${to}: ${message.split(': ')[1]}`));
    await Promise.all([manager.queueTask(id), manager.queueTask(id), manager.runTask(id)]);
    await clock.advance(4_999);
    expect(fakes.alive).toBe(3);
    await clock.advance(1);
    expect([fakes.alive, fakes.reasons]).toEqual([0, ['idle', 'idle', 'idle']]);
    expect(await manager.queueTask(id)).toBe(4);
    expect(scaled[0]).toBe('0 → 2: 2 tasks wait');
    expect(scaled[1]).toMatch(/^2 → 0: /);
    await clock.advance(5_000);
    expect([fakes.alive, clock.pending]).toEqual([0, 0]);
  });

  it('makes another worker for a task that comes in the instant in which the last worker went', async () => {
    const { manager, clock } = await start({ lazy: true, scaling: 'off' });
    expect(await manager.queueTask(id)).toBe(1);
    expect(manager.evict()).toBe(1);
    await clock.advance(0);
    const next = watch(manager.queueTask(id));
    await clock.advance(1_000);
    expect(next.value).toBe(2);
  });

  it('keeps what is used, and lets each other one go', async () => {
    const { manager, clock, fakes } = await start({ lazy: true, workerCount: 3, idleTimeout: 1_000 });
    await Promise.all([1, 2, 3].map(() => manager.queueTask(() => Promise.resolve())));
    for (let i = 0; i < 8; i++) {
      await clock.advance(500);
      await manager.queueTask(id);
    }
    expect(fakes.alive).toBe(1);
  });

  it('replaces a sick resource only if a task needs one', async () => {
    const { manager, clock, fakes } = await start({ lazy: true, workerCount: 2, checkHealth: () => false });
    const sick = watch(manager.queueTaskOnce(() => Promise.reject(new Error('sick'))));
    await clock.advance(10);
    expect([sick.state, fakes.attempts, fakes.alive]).toEqual(['rejected', 1, 0]);
    expect(await manager.queueTask(id)).toBe(2);
  });

  it('tells those who wait when nothing can be made, and tries again for the next', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: (n) => n <= 6 },
      lazy: true,
      createBackoff,
      resourcePoolSize: 1,
    });
    const task = watch(manager.queueTask(id));
    await clock.advance(1_000);
    expect(task.error).toMatchObject({ code: 'CREATE_FAILED' });
    expect(fakes.attempts).toBe(4); // three, and a probe
    const direct = watch(manager.runTask(id));
    await clock.advance(1_000);
    expect(direct.error).toMatchObject({ code: 'CREATE_FAILED' });
    for (let i = 0; i < 6; i++) {
      watch(manager.queueTask(id));
      await clock.advance(300);
    }
    expect(fakes.created).toBeGreaterThan(0);
  });

  it('can be paused: what waits meanwhile makes nothing', async () => {
    const { manager, clock, fakes } = await start({ lazy: true });
    manager.pause();
    const task = watch(manager.queueTask(id));
    await clock.advance(1_000);
    expect([fakes.attempts, task.state]).toEqual([0, 'pending']);
    manager.resume();
    await clock.advance(0);
    expect(task.state).toBe('fulfilled');
  });

  it('recycles what is there, and makes nothing that is not', async () => {
    const { manager, clock, fakes } = await start({ lazy: true, workerCount: 3, resourcePoolSize: 2 });
    await manager.recycle();
    expect(fakes.attempts).toBe(0);
    await Promise.all([manager.queueTask(id), manager.queueTask(id), manager.runTask(id)]);
    const recycled = watch(manager.recycle());
    await clock.advance(100);
    expect([recycled.state, fakes.reasons]).toEqual(['fulfilled', ['recycled', 'recycled', 'recycled']]);
    expect(await manager.queueTask(id)).toBeGreaterThan(3);
  });

  it('stops at once when there is nothing', async () => {
    const { manager, fakes } = await start({ lazy: true });
    expect(await manager.stop()).toMatchObject({ completed: 0 });
    expect(fakes.attempts).toBe(0);
  });

  it('follows a Scaler of the user, which may ask for more than there are tasks', async () => {
    let wanted = 3;
    const { manager, clock, fakes } = await start({
      lazy: true,
      workerCount: 2,
      maxWorkerCount: 4,
      scaling: () => wanted,
    });
    await manager.queueTask(id);
    await clock.advance(200);
    expect(fakes.alive).toBe(3);
    wanted = 0;
    await clock.advance(200);
    expect([fakes.alive, manager.stats().activeWorkers]).toEqual([0, 0]);
  });

  it('wakes up for no worker that a Scaler of the user keeps, when a pooled resource has idled', async () => {
    const { manager, clock } = await start({
      lazy: true,
      resourcePoolSize: 1,
      maxWorkerCount: 1,
      scaling: () => 1,
      idleTimeout: 100,
    });
    await Promise.all([manager.queueTask(id), manager.runTask(id)]);
    await clock.advance(200);
    expect(manager.stats()).toMatchObject({ idleWorkers: 1, availableResources: 0 });
    expect(clock.pending).toBe(0);
  });
});

describe('evict', () => {
  it('lets idle burst workers go before their time, the longest idle first, but for those to keep', async () => {
    const { manager, clock, fakes } = await start({
      workerCount: 2,
      maxWorkerCount: 6,
      targetWait: 0,
      idleTimeout: 60_000,
    });
    await Promise.all([1, 2, 3, 4, 5, 6].map((i) => manager.queueTask(() => clock.now() + i).then(() => i)));
    const all = [1, 2, 3, 4, 5, 6].map(() =>
      manager.queueTask(() => new Promise((resolve) => clock.setTimeout(() => resolve(0), 10))),
    );
    await clock.advance(10);
    await Promise.all(all);
    expect(manager.stats().activeWorkers).toBe(6);
    expect(manager.evict({ keep: 1 })).toBe(3);
    expect([manager.stats().activeWorkers, fakes.reasons]).toEqual([3, ['idle', 'idle', 'idle']]);
    expect([manager.evict(), manager.evict()]).toEqual([1, 0]);
    expect(manager.stats().activeWorkers).toBe(2);
  });

  it('lets all idle resources of a lazy manager go, never one that is used', async () => {
    const { manager, fakes } = await start({ lazy: true, workerCount: 3, resourcePoolSize: 1 });
    const lease = await manager.lease();
    await Promise.all([manager.queueTask(id), manager.runTask(id)]);
    expect(fakes.alive).toBe(3);
    expect(manager.evict()).toBe(2);
    expect(fakes.alive).toBe(1);
    await lease.release();
    expect(manager.evict({ keep: 1 })).toBe(0);
    expect(manager.evict()).toBe(1);
  });

  it('refuses a wrong number', async () => {
    const { manager } = await start();
    expect(() => manager.evict({ keep: -1 })).toThrow('keep must be an integer, 0 or more, or Infinity, got -1');
    expect(() => manager.evict({ keeps: 1 } as object)).toThrow('did you mean keep?');
  });
});
