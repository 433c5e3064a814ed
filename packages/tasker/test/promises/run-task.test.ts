import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { createCollector, createTaskManager, isTaskerError } from '../../src/index.ts';
import type { CreateContext, TaskManager, TaskManagerConfig, TaskOptions } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, start, watch } from '../support/harness.ts';

const work = (ms: number) => (resource: FakeResource) => resource.work(ms).then(() => resource.id);

describe('runTask', () => {
  it('takes a pooled resource if one is free, which goes back afterwards', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 2 });
    const running = watch(manager.runTask(work(10)));
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ availableResources: 1, temporaryResources: 0, runningTasks: 1 });
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ availableResources: 2, runningTasks: 0 });
    expect([running.state, fakes.created, fakes.destroyed]).toEqual(['fulfilled', 3, 0]);
    for (let i = 0; i < 20; i++) await manager.runTask(() => i);
    expect(fakes.created).toBe(3);
  });

  it('goes back after a healthy failure as well', async () => {
    const { manager, fakes } = await start({ resourcePoolSize: 1 });
    await expect(manager.runTask(() => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect([manager.stats().availableResources, fakes.destroyed]).toEqual([1, 0]);
  });

  it('else makes a temporary one, which is destroyed afterwards', async () => {
    const { manager, clock, fakes } = await start({ fakes: { createDelay: 5, destroyDelay: 5 }, resourcePoolSize: 1 });
    const all = [watch(manager.runTask(work(100))), watch(manager.runTask(work(10)))];
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ availableResources: 0, temporaryResources: 1, runningTasks: 1 });
    await clock.advance(15);
    expect(all.map(({ state }) => state)).toEqual(['pending', 'fulfilled']);
    expect([manager.stats().temporaryResources, fakes.reasons]).toEqual([1, ['temporary']]);
    await clock.advance(5);
    expect(manager.stats().temporaryResources).toBe(0);
  });

  it('destroys the temporary one after a failure, too', async () => {
    const { manager, clock, fakes } = await start();
    const outcome = watch(manager.runTask(() => Promise.reject(new Error('own'))));
    await clock.advance(0);
    expect([(outcome.error as Error).message, fakes.reasons]).toEqual(['own', ['temporary']]);
  });

  it('makes a temporary one each time with resourcePoolSize 0', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 0 });
    const ids: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const outcome = watch(manager.runTask((resource) => resource.id));
      await clock.advance(0);
      ids.push(outcome.value);
    }
    expect([ids, fakes.reasons]).toEqual([
      [2, 3, 4],
      ['temporary', 'temporary', 'temporary'],
    ]);
  });

  it('runs at once, without touching the queues, even when all workers are busy', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1, maxWorkerCount: 1 });
    const queued = Array.from({ length: 50 }, () => watch(manager.queueTask(work(1_000), { priority: 100 })));
    await clock.advance(0);
    const log: string[] = [];
    const direct = [1, 2, 3].map((n) => watch(manager.runTask(() => void log.push(`direct ${n}`))));
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 49 });
    await clock.advance(0);
    expect([log.length, direct.every(({ state }) => state === 'fulfilled')]).toEqual([3, true]);
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 49, activeWorkers: 1 });
    await clock.advance(50_000);
    expect(queued.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('runs at once even when the manager is paused', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1 });
    manager.pause();
    const queued = watch(manager.queueTask(() => 'queued'));
    const direct = [watch(manager.runTask(() => 'pooled')), watch(manager.runTask(() => 'temporary'))];
    await clock.advance(100);
    expect([queued.state, ...direct.map(({ value }) => value)]).toEqual(['pending', 'pooled', 'temporary']);
    manager.resume();
    await clock.advance(0);
    expect(queued.value).toBe('queued');
  });

  it('never uses the resource of a worker, nor a queued task that of the pool', async () => {
    const { clock, fakes, manage } = harness();
    const kinds = new Map<FakeResource, string>();
    const manager = await manage({
      workerCount: 2,
      maxWorkerCount: 2,
      resourcePoolSize: 2,
      onCreate: async (context) => {
        const resource = await fakes.onCreate(context);
        kinds.set(resource, context.kind);
        return resource;
      },
    });
    const wrong: string[] = [];
    for (let i = 0; i < 30; i++) {
      watch(
        manager.queueTask(async (resource, { worker }) => {
          await resource.work(i % 3);
          if (kinds.get(resource) !== 'base' || worker.kind !== 'base') wrong.push(`queued on ${worker.kind}`);
        }),
      );
      watch(
        manager.runTask(async (resource, { worker }) => {
          await resource.work(i % 3);
          if (kinds.get(resource) !== worker.kind || worker.kind === 'base') wrong.push(`direct on ${worker.kind}`);
        }),
      );
    }
    await clock.advance(1_000);
    expect([wrong, manager.metrics().totalTasksCompleted]).toEqual([[], 60]);
  });

  it('counts like any other task in the metrics', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1 });
    const all = [
      watch(manager.runTask(work(40))),
      watch(manager.runTask(() => Promise.reject(new Error('own')))),
      watch(manager.runTask(work(40), { timeout: 10 })),
    ];
    await clock.advance(40);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: 3,
      totalTasksCompleted: 1,
      totalTasksFailed: 2,
      maxExecutionTime: 40,
    });
  });

  it('ignores priority, retry and key', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1, maxTemporaryResources: 0, checkHealth: () => true });
    const log: number[] = [];
    const all = [1, 2, 3].map((n) =>
      watch(
        manager.runTask((resource) => resource.work(1).then(() => void log.push(n)), {
          priority: n,
          key: 'a',
          retry: { maxRetries: 9 },
        }),
      ),
    );
    await clock.advance(10);
    expect([log, all.every(({ state }) => state === 'fulfilled')]).toEqual([[1, 2, 3], true]);
  });

  it('past maxTemporaryResources waits its turn for a pooled one, first in first out', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 1, maxTemporaryResources: 0 });
    const log: number[] = [];
    const all = [1, 2, 3, 4].map((n) =>
      watch(manager.runTask((resource) => resource.work(10).then(() => void log.push(n)))),
    );
    await clock.advance(25);
    expect([log, manager.stats().runningTasks]).toEqual([[1, 2], 1]);
    await clock.advance(15);
    expect([log, fakes.created, all.every(({ state }) => state === 'fulfilled')]).toEqual([[1, 2, 3, 4], 2, true]);
  });

  it('past maxTemporaryResources waits for room, where one being destroyed still counts', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { destroyDelay: 100 },
      resourcePoolSize: 0,
      maxTemporaryResources: 1,
    });
    const all = [watch(manager.runTask(work(10))), watch(manager.runTask(work(10)))];
    await clock.advance(109);
    expect([all.map(({ state }) => state), fakes.attempts]).toEqual([['fulfilled', 'pending'], 2]);
    await clock.advance(11);
    expect([all.map(({ state }) => state), fakes.attempts, fakes.peak]).toEqual([['fulfilled', 'fulfilled'], 3, 2]);
  });

  it('waits for the room of one whose destruction hangs no longer than destroyTimeout', async () => {
    const { manager, clock } = await start({
      fakes: { hangDestroy: (n) => n === 2 },
      maxTemporaryResources: 1,
      destroyTimeout: 300,
    });
    const all = [watch(manager.runTask(() => 1)), watch(manager.runTask(() => 2))];
    await clock.advance(299);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    await clock.advance(1);
    expect(all[1]?.value).toBe(2);
  });

  it('gets the room of a temporary creation that failed', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 10, failCreate: (n) => n === 2 },
      maxTemporaryResources: 1,
    });
    const all = [watch(manager.runTask(() => 1)), watch(manager.runTask(() => 2))];
    await clock.advance(10);
    expect(isTaskerError(all[0]?.error, 'CREATE_FAILED')).toBe(true);
    await clock.advance(10);
    expect(all[1]?.value).toBe(2);
  });

  it('past the limit takes whatever is free first, the pooled one or room', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 1 },
      resourcePoolSize: 1,
      maxTemporaryResources: 1,
    });
    const long = watch(manager.runTask(work(1_000)));
    const short = watch(manager.runTask(work(10)));
    const third = watch(manager.runTask(work(10)));
    await clock.advance(30);
    expect([long.state, short.state, third.state]).toEqual(['pending', 'fulfilled', 'fulfilled']);
    await clock.advance(1_000);
  });

  it('can be cancelled while it waits or while its resource is being made, and disturbs nobody', async () => {
    const { manager, clock, fakes } = await start({ fakes: { createDelay: 10 }, maxTemporaryResources: 1 });
    const controllers = [new AbortController(), new AbortController()];
    const all = [
      watch(manager.runTask(() => 1, { signal: controllers[0]?.signal as AbortSignal })),
      watch(manager.runTask(() => 2, { signal: controllers[1]?.signal as AbortSignal })),
      watch(manager.runTask(() => 3)),
    ];
    await clock.advance(5);
    controllers.forEach((controller, i) => controller.abort(`no ${i}`));
    await clock.advance(0);
    expect(all.map(({ error }) => error)).toEqual(['no 0', 'no 1', undefined]);
    await clock.advance(5);
    expect([all[2]?.value, fakes.attempts]).toEqual([3, 2]);
  });

  it('destroys a temporary resource that comes up when nobody wants it any more', async () => {
    const { manager, clock, fakes } = await start({ fakes: { createDelay: 10 } });
    const controller = new AbortController();
    const outcome = watch(manager.runTask(() => 1, { signal: controller.signal }));
    await clock.advance(5);
    controller.abort();
    await clock.advance(5);
    expect([outcome.state, fakes.reasons, manager.stats().temporaryResources]).toEqual(['rejected', ['temporary'], 0]);
  });

  type Hook = (manager: TaskManager<FakeResource>, own: AbortController, resource: CreateContext) => void;
  for (const [what, hook, rest] of [
    ['kills the manager', (manager) => void watch(manager.kill()), []],
    ['cancels it', (_, own) => own.abort(), ['next']],
    ['says that the resource has died', (_manager, _own, resource) => resource.invalidate(), ['next']],
  ] as [string, Hook, string[]][]) {
    it(`does not run if a collector ${what} in the instant in which its temporary resource comes up`, async () => {
      const { clock, fakes, manage } = harness({ createDelay: 10 });
      const own = new AbortController();
      const log: string[] = [];
      let resource: CreateContext | undefined;
      const collector = createCollector();
      collector.recordFailure = (_, info) => {
        if (info?.name === 'late' && resource !== undefined) hook(manager, own, resource);
      };
      const manager: TaskManager<FakeResource> = await manage({
        maxTemporaryResources: 1,
        collector,
        onCreate: (context) => {
          resource = context;
          return fakes.onCreate(context);
        },
      });
      const add = (name: string, options: TaskOptions): void =>
        void watch(manager.runTask(() => void log.push(name), { name, ...options }));
      add('own', { signal: own.signal });
      await clock.advance(5);
      add('late', { deadline: 5 }); // its timer comes after the creation's
      add('next', {});
      await clock.advance(5);
      await clock.advance(20);
      expect([log, manager.stats().temporaryResources]).toEqual([rest, 0]);
    });
  }
});

const task = async (resource: FakeResource): Promise<void> => {
  await resource.work(10);
  throw new Error('sick');
};

describe('the number of resources', () => {
  interface Step {
    readonly kind: 'queue' | 'direct';
    readonly ms: number;
    readonly end: 'ok' | 'sick' | 'own' | 'invalidate' | 'cancel' | 'timeout';
    readonly wait: number;
  }

  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('queue', 'direct'),
    ms: fc.integer({ min: 0, max: 40 }),
    end: fc.constantFrom('ok', 'ok', 'sick', 'own', 'invalidate', 'cancel', 'timeout'),
    wait: fc.integer({ min: 0, max: 30 }),
  });

  function perform(manager: TaskManager<FakeResource>, { kind, ms, end }: Step, signal: AbortSignal) {
    const task = async (resource: FakeResource, context: { invalidate(): void }): Promise<void> => {
      if (end === 'invalidate') context.invalidate();
      await resource.work(ms);
      if (end === 'sick' || end === 'own') throw new Error(end);
    };
    const options = end === 'cancel' ? { signal } : end === 'timeout' ? { timeout: ms / 2 } : {};
    return watch(kind === 'queue' ? manager.queueTask(task, options) : manager.runTask(task, options));
  }

  it('is at no instant above maxWorkerCount + resourcePoolSize + maxTemporaryResources, and every promise settles', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          workerCount: fc.integer({ min: 1, max: 3 }),
          extra: fc.integer({ min: 0, max: 3 }),
          resourcePoolSize: fc.integer({ min: 0, max: 2 }),
          maxTemporaryResources: fc.integer({ min: 1, max: 3 }),
          createDelay: fc.integer({ min: 0, max: 25 }),
          destroyDelay: fc.integer({ min: 0, max: 25 }),
          failEvery: fc.integer({ min: 2, max: 9 }),
          targetWait: fc.constantFrom(0, 10),
        }),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        async (shape, steps) => {
          const { workerCount, extra, resourcePoolSize, maxTemporaryResources, createDelay, destroyDelay } = shape;
          const first = workerCount + resourcePoolSize;
          const { clock, fakes, config } = harness({
            createDelay,
            destroyDelay,
            failCreate: (n) => n > first && n % shape.failEvery === 0,
            failDestroy: (n) => n % 5 === 0,
          });
          const options: Partial<TaskManagerConfig<FakeResource>> = {
            workerCount,
            maxWorkerCount: workerCount + extra,
            resourcePoolSize,
            maxTemporaryResources,
            targetWait: shape.targetWait,
            burstInterval: 10,
            abandonAfter: 10,
            checkHealth: (error) => (error as Error).message === 'own',
          };
          const starting = createTaskManager(config(options));
          await clock.advance(createDelay);
          const manager = await starting;
          const all: { state: string }[] = [];
          for (const one of steps) {
            const controller = new AbortController();
            all.push(perform(manager, one, controller.signal));
            await clock.advance(one.wait);
            if (one.end === 'cancel') controller.abort(new Error('cancelled'));
          }
          await clock.advance(60_000);
          expect(all.filter(({ state }) => state === 'pending')).toEqual([]);
          expect(fakes.peak).toBeLessThanOrEqual(workerCount + extra + resourcePoolSize + maxTemporaryResources);
          expect(manager.stats()).toMatchObject({
            baseWorkers: workerCount,
            burstWorkers: 0,
            availableResources: resourcePoolSize,
            temporaryResources: 0,
            runningTasks: 0,
          });
          const stopped = watch(manager.stop());
          await clock.advance(1_000);
          expect(stopped.state).toBe('fulfilled');
          expect([clock.pending, fakes.violations, fakes.alive]).toEqual([0, [], 0]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('includes those being made and being destroyed', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 50, destroyDelay: 50 },
      workerCount: 2,
      maxWorkerCount: 3,
      resourcePoolSize: 1,
      maxTemporaryResources: 2,
      targetWait: 0,
      checkHealth: () => false,
    });
    const all = Array.from({ length: 20 }, (_, i) => {
      return watch(i % 2 === 0 ? manager.queueTask(task) : manager.runTask(task));
    });
    await clock.advance(60_000);
    expect(all.every(({ state }) => state === 'rejected')).toBe(true);
    expect(fakes.peak).toBe(6);
  });
});
