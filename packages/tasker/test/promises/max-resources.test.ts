import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, start, watch } from '../support/harness.ts';

const id = (resource: FakeResource): number => resource.id;

describe('maxResources', () => {
  it('bounds workers, pool and temporary resources together, those being made and destroyed included', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 20, destroyDelay: 50 },
      workerCount: 2,
      maxWorkerCount: 8,
      resourcePoolSize: 1,
      maxResources: 6,
      targetWait: 0,
      idleTimeout: 30,
    });
    const work = (): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, 40));
    const all = Array.from({ length: 60 }, (_, i) =>
      watch(i % 3 === 0 ? manager.runTask(work) : manager.queueTask(work)),
    );
    await clock.advance(10_000);
    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['fulfilled']));
    expect(fakes.peak).toBe(6);
  });

  it('leaves the pool what workers leave, unless told otherwise', async () => {
    const { manage } = harness();
    const pooled = async (workerCount: number, maxResources: number): Promise<number> =>
      (await manage({ workerCount, maxResources, resourcePoolSize: undefined as never })).stats().availableResources;
    expect([await pooled(2, 9), await pooled(2, 3), await pooled(2, 2)]).toEqual([2, 1, 0]);
  });

  it('must leave room for workerCount and resourcePoolSize', async () => {
    const { config } = harness();
    const create = (options: object): Promise<unknown> => createTaskManager(config(options));
    await expect(create({ workerCount: 5, maxResources: 4 })).rejects.toThrow(
      'maxResources must be at least workerCount, 5, got 4',
    );
    await expect(create({ workerCount: 3, resourcePoolSize: 2, maxResources: 4 })).rejects.toThrow(
      'maxResources must be at least workerCount and resourcePoolSize together, 3 + 2, got 4',
    );
    await expect(create({ maxResources: 0 })).rejects.toThrow(
      'maxResources must be a positive integer or Infinity, got 0',
    );
  });

  it('is checked by resize', async () => {
    const { manager } = await start({ workerCount: 2, maxResources: 4 });
    expect(() => manager.resize({ workerCount: 3, resourcePoolSize: 2 })).toThrow('maxResources must be at least');
    manager.resize({ workerCount: 3, resourcePoolSize: 1 });
  });

  it('holds after a resize, too: who is wanted now waits until those that were are gone', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { destroyDelay: 200 },
      workerCount: 1,
      maxWorkerCount: 1,
      resourcePoolSize: 0,
      maxResources: 4,
    });
    for (let i = 0; i < 3; i++) watch(manager.runTask((resource) => resource.work(100)));
    await clock.advance(10);
    expect(fakes.alive).toBe(4);
    manager.resize({ workerCount: 3, maxWorkerCount: 3 });
    await clock.advance(1_000);
    expect([fakes.peak, manager.stats().activeWorkers]).toEqual([4, 3]);
    manager.resize({ workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 3 });
    await clock.advance(1_000);
    expect([fakes.peak, manager.stats().availableResources]).toEqual([4, 3]);
    manager.resize({ workerCount: 4, maxWorkerCount: 4, resourcePoolSize: 0 });
    await clock.advance(1_000);
    expect([fakes.peak, manager.stats().activeWorkers]).toEqual([4, 4]);
  });

  it('has runTask say that it never gets a resource, if all are workers', async () => {
    const { manager } = await start({ workerCount: 2, maxResources: 2 });
    await expect(manager.runTask(id)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'maxResources must be above workerCount, 2, for runTask when resourcePoolSize is 0, got 2',
    });
    expect(await manager.queueTask(id)).toBe(2);
  });

  it('has a runTask that waits say so, too, when a resize takes the last pooled resource away', async () => {
    const { manager, clock } = await start({ workerCount: 1, maxWorkerCount: 2, resourcePoolSize: 1, maxResources: 2 });
    const held = watch(manager.runTask(() => new Promise((resolve) => void clock.setTimeout(() => resolve(1), 10))));
    await clock.advance(1);
    const waiting = watch(manager.runTask(id));
    await clock.advance(1);
    manager.resize({ workerCount: 2, resourcePoolSize: 0 });
    await clock.advance(0);
    expect([held.state, waiting.error]).toMatchObject([
      'pending',
      {
        code: 'INVALID_CONFIG',
        message: expect.stringMatching(/^task 2 got no resource: maxResources must be above/) as string,
      },
    ]);
    await clock.advance(100);
    expect([held.state, manager.stats().activeWorkers]).toEqual(['fulfilled', 2]);
  });

  it('has burst workers make room for a runTask, idle ones at once, busy ones after their task', async () => {
    const { manager, clock, fakes, sleep } = await start({
      workerCount: 1,
      maxWorkerCount: 4,
      maxResources: 4,
      targetWait: 0,
      idleTimeout: 60_000,
    });
    for (let i = 0; i < 4; i++) watch(manager.queueTask(() => sleep(10)));
    await clock.advance(10);
    expect([manager.stats().activeWorkers, manager.stats().idleWorkers]).toEqual([4, 4]);
    const direct = watch(manager.runTask(id));
    await clock.advance(0);
    expect([direct.state, fakes.reasons]).toEqual(['fulfilled', ['resized', 'temporary']]);

    // A load that would keep every worker busy for ever.
    let isOver = false;
    const load = (): void => void manager.queueTask(() => sleep(10)).then(() => (isOver ? undefined : load()));
    for (let i = 0; i < 8; i++) load();
    await clock.advance(95);
    expect(manager.stats().activeWorkers).toBe(4);
    const next = watch(manager.runTask(id));
    await clock.advance(10);
    expect(next.state).toBe('fulfilled');
    isOver = true;
    await clock.advance(1_000);
    expect(fakes.peak).toBe(4);
  });

  it('has no burst worker make room for a runTask that waits no longer', async () => {
    const { manager, clock, fakes } = await start({
      workerCount: 1,
      maxWorkerCount: 3,
      maxResources: 3,
      targetWait: 0,
    });
    for (let i = 0; i < 3; i++) watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(10);
    const ended = [watch(manager.runTask(id, { queueTimeout: 10 })), watch(manager.runTask(id, { name: 'cleared' }))];
    await clock.advance(10);
    manager.clear({ name: 'cleared' });
    for (let i = 0; i < 3; i++) watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(100);
    expect(ended.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
    expect([fakes.reasons, manager.stats().runningTasks]).toEqual([[], 3]);
  });

  it('gives the room of a temporary resource back to the workers', async () => {
    const { manager, clock, sleep } = await start({
      workerCount: 1,
      maxWorkerCount: 2,
      maxResources: 2,
      targetWait: 0,
    });
    watch(manager.runTask(() => sleep(10)));
    await clock.advance(1);
    const tasks = [1, 2].map(() => watch(manager.queueTask(() => sleep(1_000))));
    await clock.advance(5);
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, queuedTasks: 1, temporaryResources: 1 });
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ activeWorkers: 2, runningTasks: 2, temporaryResources: 0 });
    await clock.advance(1_000);
    expect(tasks.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('never lets temporary resources take the place of a worker or pooled resource that has died', async () => {
    const { manager, clock, fakes, sleep } = await start({
      fakes: { createDelay: (n) => (n > 3 ? 100 : 0) },
      workerCount: 2,
      maxWorkerCount: 2,
      resourcePoolSize: 1,
      maxResources: 4,
      checkHealth: () => false,
    });
    watch(manager.queueTaskOnce(() => Promise.reject(new Error('sick'))));
    await clock.advance(1);
    const direct = [1, 2, 3, 4].map(() => watch(manager.runTask(() => sleep(50))));
    await clock.advance(150);
    expect(manager.stats().activeWorkers).toBe(2);
    await clock.advance(1_000);
    expect([direct.every(({ state }) => state === 'fulfilled'), fakes.peak]).toEqual([true, 4]);
  });
});
