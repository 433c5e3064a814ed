import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { CreateContext } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, start, watch } from '../support/harness.ts';

const task = (fails: boolean) => async (resource: FakeResource, context: { invalidate(): void }) => {
  context.invalidate();
  await resource.work(10);
  if (fails) throw new Error('own');
  return 'done';
};

describe("a worker's resource", () => {
  it('is made once and kept across tasks', async () => {
    const { manager, fakes } = await start();
    const used = new Set<FakeResource>();
    for (let i = 0; i < 50; i++) await manager.queueTask((resource) => resource.use(() => void used.add(resource)));
    expect([used.size, fakes.created, fakes.destroyed]).toEqual([1, 1, 0]);
  });

  it('is kept across tasks that fail while it is healthy', async () => {
    const { manager, fakes } = await start();
    for (let i = 0; i < 10; i++) {
      await expect(
        manager.queueTask(() => {
          throw new Error('own');
        }),
      ).rejects.toThrow('own');
    }
    expect([fakes.created, fakes.destroyed]).toEqual([1, 0]);
  });

  it('serves one task at a time', async () => {
    const { manager, clock } = await start({ workerCount: 2, scaling: 'off' });
    let running = 0;
    let peak = 0;
    const all = Array.from({ length: 20 }, () =>
      watch(
        manager.queueTask(async (resource) => {
          peak = Math.max(peak, ++running);
          await resource.work(1);
          running--;
        }),
      ),
    );
    await clock.advance(20);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(peak).toBe(2);
  });

  it('may be anything, also undefined or a function', async () => {
    for (const value of [undefined, null, 0, () => 1]) {
      const log: unknown[] = [];
      const manager = await createTaskManager<unknown>({
        workerCount: 1,
        resourcePoolSize: 1,
        onCreate: () => value,
        onDestroy: (resource) => void log.push(resource),
      });
      expect(await manager.queueTask((resource) => Object.is(resource, value))).toBe(true);
      expect(await manager.runTask((resource) => Object.is(resource, value))).toBe(true);
      await manager.stop();
      expect(log).toEqual([value, value]);
    }
  });

  it('is made by onCreate and destroyed by onDestroy exactly once, whatever happens to it', async () => {
    const { clock, fakes, manage } = harness({ createDelay: 5, destroyDelay: 5, failDestroy: (n) => n % 3 === 0 });
    const destroyed: FakeResource[] = [];
    const contexts = new Map<number, CreateContext>();
    const manager = await manage({
      workerCount: 3,
      resourcePoolSize: 2,
      abandonAfter: 10,
      checkHealth: () => false,
      onCreate: async (context) => {
        const resource = await fakes.onCreate(context);
        contexts.set(resource.id, context);
        return resource;
      },
      onDestroy: (resource, reason) => {
        destroyed.push(resource);
        return fakes.onDestroy(resource, reason);
      },
    });
    const controller = new AbortController();
    for (let i = 0; i < 30; i++) {
      const task = async (resource: FakeResource): Promise<void> => {
        await resource.work(i % 7);
        if (i % 4 === 0) throw new Error('sick');
      };
      const options = i % 5 === 0 ? { signal: controller.signal } : i % 6 === 0 ? { timeout: 1 } : {};
      watch(i % 3 === 0 ? manager.runTask(task, options) : manager.queueTask(task, options));
    }
    await clock.advance(3);
    controller.abort();
    await clock.advance(100);
    for (const context of contexts.values()) {
      context.invalidate();
      context.invalidate();
    }
    await clock.advance(1_000);
    watch(manager.stop());
    await clock.advance(1_000);
    expect(manager.stats().state).toBe('stopped');
    expect(destroyed).toHaveLength(fakes.created);
    expect(new Set(destroyed).size).toBe(fakes.created);
  });

  it('is never used after onDestroy began, nor before onCreate ended', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 3, destroyDelay: 50 },
      workerCount: 2,
      resourcePoolSize: 1,
      checkHealth: () => false,
    });
    let n = 0;
    const task = (resource: FakeResource): Promise<void> =>
      resource.use(() => {
        expect(resource.state).toBe('alive');
        if (n++ % 3 === 0) throw new Error('sick');
      });
    for (let i = 0; i < 40; i++) {
      watch(manager.queueTask(task, { retry: { maxRetries: 100 } }));
      watch(manager.runTask(task));
    }
    await clock.advance(20_000);
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, runningTasks: 0, baseWorkers: 2 });
    expect(fakes.violations).toEqual([]);
    expect(fakes.destroyed).toBeGreaterThan(10);
  });

  it('gives onDestroy the reason', async () => {
    const { clock, fakes, manage } = harness();
    const contexts: CreateContext[] = [];
    const manager = await manage({
      maxWorkerCount: 2,
      targetWait: 0,
      idleTimeout: 100,
      abandonAfter: 10,
      resourcePoolSize: 1,
      checkHealth: () => false,
      onCreate: (context) => {
        contexts.push(context);
        return fakes.onCreate(context);
      },
    });
    // more than one place is needed for a moment, then not any more
    const both = [watch(manager.queueTask((r) => r.work(1))), watch(manager.queueTask((r) => r.work(1)))];
    await clock.advance(500);
    expect(both.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(fakes.reasons).toEqual(['idle']);
    await expect(
      manager.queueTaskOnce(() => {
        throw new Error('sick');
      }),
    ).rejects.toThrow('sick');
    await clock.advance(0);
    expect(fakes.reasons.at(-1)).toBe('sick');
    await manager.queueTask((_, context) => context.invalidate());
    await clock.advance(0);
    expect(fakes.reasons.at(-1)).toBe('invalidated');
    const ignoring = watch(manager.queueTask((r) => r.work(1_000), { timeout: 1 }));
    await clock.advance(11);
    expect([ignoring.state, fakes.reasons.at(-1)]).toEqual(['rejected', 'abandoned']);
    const pooled = [manager.runTask((r) => r.work(1)), manager.runTask((r) => r.work(1))];
    pooled.forEach(watch);
    await clock.advance(1);
    expect(fakes.reasons.at(-1)).toBe('temporary');
    watch(manager.stop());
    await clock.advance(2_000);
    expect(fakes.reasons.at(-1)).toBe('shutdown');
  });

  it('that is invalidated by its task is replaced after the task, whatever the outcome of that', async () => {
    const { manager, clock, fakes } = await start();
    const good = watch(manager.queueTask(task(false)));
    await clock.advance(9);
    expect(fakes.destroyed).toBe(0);
    await clock.advance(1);
    expect([good.value, fakes.destroyed]).toEqual(['done', 1]);
    const bad = watch(manager.queueTask(task(true)));
    await clock.advance(10);
    expect([(bad.error as Error).message, fakes.reasons, fakes.created]).toEqual([
      'own',
      ['invalidated', 'invalidated'],
      3,
    ]);
  });

  it('that is invalidated while idle is replaced at once', async () => {
    const { clock, fakes, manage } = harness();
    const contexts: CreateContext[] = [];
    const manager = await manage({
      resourcePoolSize: 1,
      onCreate: (context) => {
        contexts.push(context);
        return fakes.onCreate(context);
      },
    });
    await clock.advance(5_000);
    for (const context of contexts.splice(0)) context.invalidate(new Error('connection reset'));
    await clock.advance(0);
    expect([fakes.created, fakes.reasons]).toEqual([4, ['invalidated', 'invalidated']]);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, availableResources: 1 });
  });

  it('that is invalidated after its end is left alone', async () => {
    const { clock, fakes, manage } = harness();
    const contexts: CreateContext[] = [];
    const manager = await manage({
      checkHealth: () => false,
      onCreate: (context) => {
        contexts.push(context);
        return fakes.onCreate(context);
      },
    });
    watch(
      manager.queueTaskOnce(() => {
        throw new Error('sick');
      }),
    );
    await clock.advance(0);
    contexts[0]?.invalidate();
    await clock.advance(0);
    expect([fakes.created, fakes.destroyed, manager.stats().baseWorkers]).toEqual([2, 1, 1]);
  });

  it('is counted by metrics(), made, not made or destroyed', async () => {
    const { manager, clock } = await start({ fakes: { failCreate: (n) => n === 3 }, maxWorkerCount: 1, maxUses: 1 });
    const counts = (): unknown => {
      const { totalResourcesCreated, totalResourcesDestroyed, totalCreateFailures } = manager.metrics();
      return [totalResourcesCreated, totalResourcesDestroyed, totalCreateFailures];
    };
    expect(counts()).toEqual([1, 0, 0]);
    for (let i = 0; i < 2; i++) watch(manager.queueTask(() => i));
    await clock.advance(10_000);
    expect(counts()).toEqual([3, 2, 1]);
  });
});
