import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { SizeOptions } from '../../src/index.ts';
import { start, watch } from '../support/harness.ts';
import type { Bench } from '../support/harness.ts';

describe('resize checks as at the start', () => {
  const wrong: [string, SizeOptions][] = [
    ['workerCount 0', { workerCount: 0 }],
    ['workerCount a fraction', { workerCount: 1.5 }],
    ['workerCount NaN', { workerCount: NaN }],
    ['maxWorkerCount below workerCount', { maxWorkerCount: 1 }],
    ['workerCount above the given maxWorkerCount', { workerCount: 5 }],
    ['resourcePoolSize negative, beside a fine workerCount', { workerCount: 3, resourcePoolSize: -1 }],
    ['an unknown option, beside a fine workerCount', { workerCount: 3, poolSize: 3 } as SizeOptions],
    ['no object', 3 as SizeOptions],
    ['nothing', undefined as unknown as SizeOptions],
  ];
  for (const [what, size] of wrong) {
    it(`throws INVALID_CONFIG and changes nothing: ${what}`, async () => {
      const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 4, resourcePoolSize: 1 });
      const before = manager.stats();
      let error: unknown;
      try {
        manager.resize(size);
      } catch (thrown) {
        error = thrown;
      }
      expect(isTaskerError(error, 'INVALID_CONFIG')).toBe(true);
      await clock.advance(10_000);
      expect(manager.stats()).toEqual(before);
      const tasks = Array.from({ length: 10 }, () => watch(manager.queueTask((resource) => resource.work(200))));
      await clock.advance(10_000);
      expect([tasks.every(({ state }) => state === 'fulfilled'), fakes.peak]).toEqual([true, 5]);
    });
  }

  it('throws when neither a pool nor temporary resources would be left for runTask', async () => {
    const { manager } = await start({ resourcePoolSize: 1, maxTemporaryResources: 0 });
    expect(() => manager.resize({ resourcePoolSize: 0 })).toThrow(/maxTemporaryResources|resourcePoolSize/);
    expect(manager.stats().availableResources).toBe(1);
  });

  it('throws STOPPED while the manager stops', async () => {
    const { manager, clock } = await start();
    watch(manager.stop());
    let error: unknown;
    try {
      manager.resize({ workerCount: 2 });
    } catch (thrown) {
      error = thrown;
    }
    expect(isTaskerError(error, 'STOPPED')).toBe(true);
    await clock.advance(10);
    expect(manager.stats().baseWorkers).toBeLessThan(2);
  });
});

/** The most workers there are under a lot of work. */
async function most({ manager, clock }: Bench): Promise<number> {
  const all = Array.from({ length: 60 }, () => watch(manager.queueTask((resource) => resource.work(500))));
  let workers = 0;
  for (let i = 0; i < 40; i++) {
    await clock.advance(25);
    workers = Math.max(workers, manager.stats().activeWorkers);
  }
  await clock.advance(60_000);
  expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
  return workers;
}

describe('an unset maxWorkerCount', () => {
  it('follows workerCount × 2, up and down', async () => {
    const bench = await start({ workerCount: 2, targetWait: 0 });
    expect(await most(bench)).toBe(4);
    bench.manager.resize({ workerCount: 5 });
    expect(await most(bench)).toBe(10);
    bench.manager.resize({ workerCount: 1 });
    expect(await most(bench)).toBe(2);
  });

  it('is set once resize has set it, and bounds what follows', async () => {
    const bench = await start({ workerCount: 1, targetWait: 0 });
    bench.manager.resize({ maxWorkerCount: 3 });
    expect(await most(bench)).toBe(3);
    expect(() => bench.manager.resize({ workerCount: 4 })).toThrow(/maxWorkerCount/);
    bench.manager.resize({ workerCount: 4, maxWorkerCount: 4 });
    expect(await most(bench)).toBe(4);
  });
});

describe('growing', () => {
  it('makes the new base workers at once, without any task', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 1, maxWorkerCount: 10 });
    manager.resize({ workerCount: 4 });
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, startingWorkers: 3 });
    await clock.advance(0);
    expect([fakes.created, manager.stats().baseWorkers]).toEqual([4, 4]);
    expect(manager.inspect().workers.map(({ kind }) => kind)).toEqual(['base', 'base', 'base', 'base']);
    await clock.advance(100_000);
    expect(fakes.alive).toBe(4);
  });

  it('gives waiting tasks the new workers', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const all = [1, 2, 3].map(() => watch(manager.queueTask((resource) => resource.work(100))));
    await clock.advance(10);
    manager.resize({ workerCount: 3 });
    await clock.advance(90);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'pending', 'pending']);
    await clock.advance(10);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('makes burst workers base ones instead of making more', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 1, maxWorkerCount: 3, targetWait: 0 });
    for (let i = 0; i < 3; i++) watch(manager.queueTask((resource) => resource.work(200)));
    await clock.advance(150);
    expect(manager.stats()).toMatchObject({ activeWorkers: 3, burstWorkers: 2 });
    manager.resize({ workerCount: 3 });
    await clock.advance(0);
    expect([fakes.created, manager.stats().burstWorkers]).toEqual([3, 0]);
    await clock.advance(100_000);
    expect([fakes.alive, manager.inspect().workers.every(({ kind }) => kind === 'base')]).toEqual([3, true]);
  });

  it('makes no more burst workers base ones than are wanted', async () => {
    const { manager, clock } = await start({ workerCount: 1, maxWorkerCount: 4, targetWait: 0 });
    for (let i = 0; i < 4; i++) watch(manager.queueTask((resource) => resource.work(200)));
    await clock.advance(150);
    for (const workerCount of [2, 2, 3]) {
      manager.resize({ workerCount });
      const kinds = manager.inspect().workers.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'base')).toHaveLength(workerCount);
      expect(kinds).toHaveLength(4);
    }
    await clock.advance(50);
  });

  it('takes effect while the manager is paused, and once onCreate no longer fails', async () => {
    let isFailing = true;
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: (n) => n > 1 && isFailing },
      createBackoff: () => 50,
    });
    manager.pause();
    manager.resize({ workerCount: 3 });
    await clock.advance(1_000);
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, state: 'paused' });
    isFailing = false;
    await clock.advance(1_000);
    expect(fakes.alive).toBe(3);
  });
});

describe('surplus', () => {
  it('idle ones go at once, as resized', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 5, maxWorkerCount: 5 });
    manager.resize({ workerCount: 2, maxWorkerCount: 2 });
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, activeWorkers: 2 });
    await clock.advance(0);
    expect(fakes.reasons).toEqual(['resized', 'resized', 'resized']);
  });

  it('is what exceeds workerCount, also while maxWorkerCount would allow it', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 5 });
    manager.resize({ workerCount: 2 });
    await clock.advance(0);
    expect([fakes.alive, fakes.reasons]).toEqual([2, ['resized', 'resized', 'resized']]);
  });

  it('of the pool is what exceeds resourcePoolSize, those apart that go anyway', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { destroyDelay: 100 },
      resourcePoolSize: 4,
      checkHealth: () => false,
    });
    watch(manager.runTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(50);
    expect(fakes.alive - manager.stats().activeWorkers).toBe(3); // one is being destroyed
    manager.resize({ resourcePoolSize: 2 });
    await clock.advance(200);
    expect([fakes.created, fakes.reasons, manager.stats().availableResources]).toEqual([5, ['sick', 'resized'], 2]);
  });

  it('of shared places is the idle worker, not one that has a task and room for another', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 2 },
      workerCount: 2,
      maxWorkerCount: 2,
      tasksPerWorker: 2,
    });
    let released = 0;
    watch(manager.queueTask((resource) => resource.work(10).then(() => (released = resource.id))));
    await clock.advance(0);
    const busy = watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(20); // the idle one is now the one that was used last
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    await clock.advance(0);
    expect([fakes.reasons, busy.state]).toEqual([['resized'], 'pending']);
    expect(fakes.all.find(({ id }) => id === released)?.state).toBe('destroyed');
    await clock.advance(100);
    expect([busy.state, fakes.alive]).toEqual(['fulfilled', 1]);
  });

  it('of the pool does not count one that is being destroyed', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { destroyDelay: 100 },
      resourcePoolSize: 2,
      checkHealth: () => false,
    });
    const kept = watch(manager.runTask((resource) => resource.work(50).then(() => resource.id)));
    watch(manager.runTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(10);
    manager.resize({ resourcePoolSize: 1 });
    await clock.advance(300);
    expect([kept.state, fakes.reasons, manager.stats().availableResources]).toEqual(['fulfilled', ['sick'], 1]);
  });

  it('then whoever ends first', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 4, maxWorkerCount: 4 });
    const all = [400, 100, 300].map((ms) => watch(manager.queueTask((resource) => resource.work(ms))));
    await clock.advance(10);
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    await clock.advance(0);
    expect(fakes.destroyed).toBe(1); // the idle one
    const next = watch(manager.queueTask((resource) => resource.use()));
    await clock.advance(90);
    expect([fakes.destroyed, next.state]).toEqual([2, 'pending']);
    await clock.advance(200);
    expect([fakes.destroyed, next.state]).toEqual([3, 'pending']);
    await clock.advance(100);
    expect([fakes.destroyed, next.state, all.every(({ state }) => state === 'fulfilled')]).toEqual([
      3,
      'fulfilled',
      true,
    ]);
    expect(new Set(fakes.reasons)).toEqual(new Set(['resized']));
  });

  it('whoever ends first goes at once, also while maxWorkerCount would allow it', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 3, maxWorkerCount: 3 });
    for (const ms of [300, 100, 200]) watch(manager.queueTask((resource) => resource.work(ms)));
    await clock.advance(10);
    manager.resize({ workerCount: 1 });
    await clock.advance(90);
    expect([manager.stats().activeWorkers, fakes.reasons]).toEqual([2, ['resized']]);
    await clock.advance(100);
    expect([manager.stats().activeWorkers, fakes.reasons]).toEqual([1, ['resized', 'resized']]);
    await clock.advance(100);
    expect(manager.stats().activeWorkers).toBe(1);
  });

  it('goes also with shared places: nothing new starts on it, and it goes when its last task has ended', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { places: 2 },
      workerCount: 2,
      maxWorkerCount: 2,
      tasksPerWorker: 2,
    });
    for (const ms of [100, 200, 300, 400]) watch(manager.queueTask((resource) => resource.work(ms)));
    await clock.advance(10);
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    const later = Array.from({ length: 20 }, () => watch(manager.queueTask((resource) => resource.work(50))));
    await clock.advance(500);
    expect([fakes.destroyed, manager.stats().activeWorkers]).toEqual([1, 1]);
    await clock.advance(2_000);
    expect(later.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('is forgotten if it is wanted again before it has gone', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 3, maxWorkerCount: 3 });
    for (let i = 0; i < 3; i++) watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(10);
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    await clock.advance(10);
    manager.resize({ workerCount: 3, maxWorkerCount: 3 });
    await clock.advance(1_000);
    expect([fakes.created, fakes.destroyed]).toEqual([3, 0]);
  });

  it('that is still being made goes when it comes up, if it is not wanted then', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n > 1 ? 100 : 0) },
      workerCount: 1,
      maxWorkerCount: 4,
    });
    manager.resize({ workerCount: 4 });
    await clock.advance(10);
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    await clock.advance(1_000);
    expect([fakes.alive, manager.stats().activeWorkers]).toEqual([1, 1]);
  });

  it('is none that a Scaler has asked for since', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 6, scaling: () => 4 });
    await clock.advance(200);
    manager.resize({ workerCount: 1, maxWorkerCount: 6 });
    await clock.advance(200);
    expect([manager.stats().activeWorkers, fakes.destroyed]).toEqual([4, 3]);
    for (let i = 0; i < 10; i++) {
      watch(manager.queueTask((resource) => resource.work(5)));
      await clock.advance(200);
    }
    expect(fakes.destroyed).toBe(3);
  });

  it('is no worker or pooled resource that is up, idle or busy, for one that is still being made', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { hangCreate: (n) => n > 2 },
      workerCount: 1,
      resourcePoolSize: 1,
      createTimeout: 1_000,
      createBackoff: () => 100,
    });
    manager.resize({ workerCount: 2, resourcePoolSize: 2 });
    await clock.advance(10);
    manager.resize({ workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 1 });
    await clock.advance(0);
    expect(fakes.reasons).toEqual([]);
    const tasks = [watch(manager.queueTask(({ id }) => id)), watch(manager.runTask(({ id }) => id))];
    await clock.advance(0);
    expect(tasks.map(({ value }) => value)).toEqual([1, 2]);
    await clock.advance(10_000);
    expect(fakes.attempts).toBe(4);
  });
});

describe('the pool', () => {
  it('grows at once', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1 });
    manager.resize({ resourcePoolSize: 4 });
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ availableResources: 4, baseWorkers: 1, activeWorkers: 1 });
  });

  it('does not change with workerCount', async () => {
    const { manager, clock } = await start({ workerCount: 2, resourcePoolSize: undefined as never });
    const before = manager.stats().availableResources;
    manager.resize({ workerCount: 4 });
    await clock.advance(1_000);
    expect([before, manager.stats().availableResources]).toEqual([2, 2]);
  });

  it('lets go of free ones at once, and of those in use as they come back', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 3 });
    for (const ms of [100, 200]) watch(manager.runTask((resource) => resource.work(ms)));
    await clock.advance(10);
    manager.resize({ resourcePoolSize: 0 });
    await clock.advance(0);
    expect(fakes.reasons).toEqual(['resized']);
    await clock.advance(1_000);
    expect([fakes.reasons, manager.stats().availableResources]).toEqual([['resized', 'resized', 'resized'], 0]);
    const direct = watch(manager.runTask(({ id }) => id));
    await clock.advance(0);
    expect([direct.state, fakes.reasons.at(-1)]).toEqual(['fulfilled', 'temporary']);
  });

  it('serves those who wait when it grows', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1, maxTemporaryResources: 0 });
    const all = [1, 2, 3].map(() => watch(manager.runTask((resource) => resource.work(100))));
    await clock.advance(10);
    manager.resize({ resourcePoolSize: 3 });
    await clock.advance(100);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('under load', () => {
  it('workers beyond the limit go although their places are never all free at once', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2 },
      workerCount: 4,
      maxWorkerCount: 4,
      tasksPerWorker: 2,
      scaling: 'off',
    });
    let n = 0;
    const client = async (): Promise<void> => {
      while (clock.now() < 1_000) await manager.queueTask((resource) => resource.work(10 + (n++ % 7)));
    };
    const clients = Promise.all(Array.from({ length: 20 }, client));
    await clock.advance(100);
    manager.resize({ workerCount: 1, maxWorkerCount: 1 });
    await clock.advance(200);
    expect([manager.stats().activeWorkers, manager.stats().runningTasks]).toEqual([1, 2]);
    await clock.advance(2_000);
    await clients;
  });
});
