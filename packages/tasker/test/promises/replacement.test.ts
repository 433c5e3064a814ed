import { describe, expect, it } from 'vitest';
import type { FakeResource } from '../../src/testing/index.ts';
import { makeSick } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';

describe('an unhealthy resource', () => {
  it('is destroyed and a new one made in its place, in the background, without anyone asking', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 20, destroyDelay: 20 },
      workerCount: 2,
      checkHealth: () => false,
    });
    makeSick(manager);
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, activeWorkers: 1, startingWorkers: 1 });
    await clock.advance(20);
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, activeWorkers: 2, startingWorkers: 0, idleWorkers: 2 });
    expect(fakes.reasons).toEqual(['sick']);
  });

  it('never loses a worker for good: after any number of deaths there are workerCount again', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 5, destroyDelay: 3 },
      workerCount: 3,
      checkHealth: () => false,
    });
    for (let i = 0; i < 30; i++) {
      makeSick(manager);
      if (i % 4 === 3) await clock.advance(7);
    }
    await clock.advance(1_000);
    expect(manager.stats()).toMatchObject({ baseWorkers: 3, burstWorkers: 0, startingWorkers: 0 });
    expect(fakes.reasons.filter((reason) => reason === 'sick')).toHaveLength(30);
  });

  it('is replaced although all workers die at once', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 100, destroyDelay: 20 },
      workerCount: 4,
      maxWorkerCount: 8,
      checkHealth: () => false,
    });
    for (let i = 0; i < 4; i++) makeSick(manager);
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ activeWorkers: 0, startingWorkers: 4 });
    const waiting = watch(manager.queueTask(() => 'done'));
    await clock.advance(100);
    expect([waiting.value, manager.stats().baseWorkers]).toEqual(['done', 4]);
  });

  it('is replaced at once below the limit, beside the destruction of the old one', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 10, destroyDelay: 1_000 },
      workerCount: 1,
      maxWorkerCount: 2,
      checkHealth: () => false,
    });
    makeSick(manager);
    await clock.advance(10);
    expect(manager.stats().baseWorkers).toBe(1);
    expect(fakes.peak).toBe(2);
  });

  it('at the limit waits for the destruction of the old one', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 10, destroyDelay: 1_000 },
      workerCount: 2,
      maxWorkerCount: 2,
      checkHealth: () => false,
    });
    makeSick(manager);
    await clock.advance(999);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, startingWorkers: 0 });
    await clock.advance(11);
    expect(manager.stats().baseWorkers).toBe(2);
    expect(fakes.peak).toBe(2);
  });

  it('at the limit waits no longer than destroyTimeout, 5 s unless told otherwise', async () => {
    for (const [destroyTimeout, expected] of [
      [undefined, 5_000],
      [700, 700],
    ] as const) {
      const { manager, clock } = await start({
        fakes: { createDelay: 10, hangDestroy: (n) => n === 1 },
        maxWorkerCount: 1,
        checkHealth: () => false,
        ...(destroyTimeout !== undefined && { destroyTimeout }),
      });
      makeSick(manager);
      await clock.advance(expected - 1);
      expect(manager.stats()).toMatchObject({ baseWorkers: 0, startingWorkers: 0 });
      await clock.advance(11);
      expect(manager.stats().baseWorkers).toBe(1);
    }
  });

  it('is replaced although onDestroy fails', async () => {
    const { manager, clock } = await start({
      fakes: { failDestroy: (n) => n === 1 },
      maxWorkerCount: 1,
      checkHealth: () => false,
    });
    makeSick(manager);
    await clock.advance(0);
    expect(manager.stats().baseWorkers).toBe(1);
  });

  it('takes no other task once it is known to be sick', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { destroyDelay: 100 },
      workerCount: 1,
      maxWorkerCount: 1,
      checkHealth: () => false,
    });
    const used: number[] = [];
    const record = (resource: FakeResource): void => void used.push(resource.id);
    watch(
      manager.queueTaskOnce((resource) => {
        record(resource);
        throw new Error('sick');
      }),
    );
    const all = [watch(manager.queueTask(record)), watch(manager.queueTask(record))];
    await clock.advance(100);
    expect([used, all.map(({ state }) => state), fakes.created]).toEqual([[1, 2, 2], ['fulfilled', 'fulfilled'], 2]);
  });

  it('is replaced by a burst worker that is there anyway: the number of base workers does not suffer', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 50 },
      workerCount: 1,
      maxWorkerCount: 3,
      targetWait: 0,
      checkHealth: () => false,
    });
    const busy = [1, 2, 3].map(() => watch(manager.queueTask((resource) => resource.work(100))));
    await clock.advance(60);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, activeWorkers: 3, burstWorkers: 2 });
    await clock.advance(100);
    expect(busy.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    makeSick(manager);
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, activeWorkers: 2, burstWorkers: 1 });
    await clock.advance(10_000);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, burstWorkers: 0, activeWorkers: 1 });
  });

  it('of a burst worker is not: the other burst workers stay what they are', async () => {
    const { manager, clock } = await start({
      workerCount: 1,
      maxWorkerCount: 3,
      targetWait: 0,
      checkHealth: () => false,
    });
    for (let i = 0; i < 3; i++) {
      const run = manager.queueTaskOnce(async (resource, { worker }) => {
        await resource.work(100);
        if (worker.id === 2) throw new Error('sick');
      });
      watch(run);
    }
    await clock.advance(0);
    const kinds = (): unknown[] => manager.inspect().workers.map(({ id, kind }) => [id, kind]);
    expect(kinds()).toEqual([
      [1, 'base'],
      [2, 'burst'],
      [3, 'burst'],
    ]);
    await clock.advance(100);
    expect(kinds()).toEqual([
      [1, 'base'],
      [3, 'burst'],
    ]);
  });

  it('is replaced while the manager stops, so that queued tasks can finish', async () => {
    const { manager, clock } = await start({ fakes: { createDelay: 10 }, maxWorkerCount: 1, checkHealth: () => false });
    makeSick(manager);
    const last = watch(manager.queueTask(() => 'done'));
    const stopped = watch(manager.stop());
    await clock.advance(20);
    expect([last.value, stopped.value?.completed, stopped.value?.failed]).toEqual(['done', 1, 1]);
  });
});
