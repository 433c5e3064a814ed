import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTaskManager, isTaskerError } from '../../src/index.ts';
import type { TaskManager } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { code, harness, start, watch } from '../support/harness.ts';

afterEach(() => vi.restoreAllMocks());

function errors(manager: TaskManager<FakeResource>): string[] {
  const log: string[] = [];
  manager.on('error', ({ source, error }) => log.push(`${source}: ${(error as Error).message}`));
  return log;
}

for (const method of ['queueTask', 'runTask'] as const) {
  const sizes = { workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 1, maxTemporaryResources: 0 };
  const where = method === 'queueTask' ? 'of a worker' : 'of the pool';

  describe(`validate, for resources ${where}`, () => {
    it('is called before a task only if the resource was idle for longer than validateAfter, 500 ms', async () => {
      const log: string[] = [];
      const { manager, clock } = await start({ ...sizes, validate: ({ id }) => (log.push(`validate ${id}`), true) });
      const run = async (): Promise<void> => {
        watch(manager[method](({ id }) => void log.push(`task ${id}`)));
        await clock.advance(0);
      };
      await run();
      await clock.advance(500);
      await run();
      expect(log.every((entry) => entry.startsWith('task'))).toBe(true);
      await clock.advance(501);
      await run();
      await run();
      const [id] = log[0]?.split(' ').slice(1) ?? [];
      expect(log).toEqual([`task ${id}`, `task ${id}`, `validate ${id}`, `task ${id}`, `task ${id}`]);
    });

    it('is called when the computer has slept for longer, although the clock has stood still', async () => {
      let calls = 0;
      const { manager, clock } = await start({ ...sizes, validateAfter: 30_000, validate: () => (calls++, true) });
      const run = async (): Promise<number> => {
        watch(manager[method](() => 1));
        await clock.advance(0);
        return calls;
      };
      const before = await run();
      const date = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000);
      expect([before, await run(), await run()]).toEqual([0, 1, 1]);
      date.mockReturnValue(Date.now() - 3_600_000); // set back: that is no sleep
      expect(await run()).toBe(1);
    });

    for (const [what, validate] of [
      ['says no', () => false],
      [
        'throws',
        () => {
          throw new Error('validate failed');
        },
      ],
      ['rejects', () => Promise.reject(new Error('validate failed'))],
      ['hangs', () => new Promise<boolean>(() => {})],
    ] as [string, () => boolean | Promise<boolean>][]) {
      it(`replaces the resource when it ${what}, and the task runs on the new one`, async () => {
        const { manager, clock, fakes } = await start({ ...sizes, validate, validateTimeout: 100 });
        const log = errors(manager);
        await clock.advance(1_000);
        const outcome = watch(manager[method](({ id }) => id));
        await clock.advance(99);
        if (what === 'hangs') expect([outcome.state, fakes.destroyed]).toEqual(['pending', 0]);
        await clock.advance(1);
        expect([outcome.value, fakes.reasons]).toEqual([3, ['invalid']]);
        if (what === 'says no') expect(log).toEqual([]);
        else expect(log).toEqual([expect.stringMatching(/^validate: .*(failed|validateTimeout)/)]);
      });
    }

    it('lets the task go to another idle resource when the one that was validated for it has died', async () => {
      const { clock, manage, sleep } = harness({ createDelay: (n) => (n > 4 ? 10_000 : 0) });
      const manager = await manage({
        workerCount: 2,
        maxWorkerCount: 2,
        scaling: 'off',
        resourcePoolSize: 2,
        maxTemporaryResources: 0,
        createTimeout: 100_000,
        validate: ({ id }) => sleep(10).then(() => id % 2 === 1), // the last ones are asked first
      });
      await clock.advance(1_000);
      const outcome = watch(manager[method](({ id }) => id));
      await clock.advance(20);
      expect(outcome.value).toBe(method === 'queueTask' ? 1 : 3);
      await clock.advance(20_000);
    });

    it('lets the task go there at once when `validate` itself says that the resource has died', async () => {
      const { clock, fakes, manage } = harness({ createDelay: (n) => (n > 4 ? 10_000 : 0) });
      const invalidate = new Map<number, () => void>();
      const manager = await manage({
        workerCount: 2,
        maxWorkerCount: 2,
        scaling: 'off',
        resourcePoolSize: 2,
        maxTemporaryResources: 0,
        onCreate: async (context) => {
          const resource = await fakes.onCreate(context);
          invalidate.set(resource.id, () => context.invalidate());
          return resource;
        },
        validate: ({ id }) => {
          if (id % 2 === 0) invalidate.get(id)?.();
          return true;
        },
      });
      await clock.advance(1_000);
      const outcome = watch(manager[method](({ id }) => id));
      await clock.advance(0);
      expect(outcome.value).toBe(method === 'queueTask' ? 1 : 3);
      await clock.advance(20_000);
    });

    it('no task is bound meanwhile: it can be cancelled, and nothing is validated for it again', async () => {
      const { clock, manage, sleep } = harness();
      let calls = 0;
      const manager = await manage({
        ...sizes,
        validate: async () => {
          calls++;
          await sleep(100);
          return true;
        },
      });
      await clock.advance(1_000);
      const controller = new AbortController();
      const cancelled = watch(manager[method](() => 1, { signal: controller.signal }));
      const timedOut = watch(manager[method](() => 1, { queueTimeout: 50 }));
      await clock.advance(10);
      if (method === 'queueTask') expect(manager.stats()).toMatchObject({ queuedTasks: 2, runningTasks: 0 });
      controller.abort('changed my mind');
      await clock.advance(40);
      expect([cancelled.error, isTaskerError(timedOut.error, 'QUEUE_TIMEOUT')]).toEqual(['changed my mind', true]);
      await clock.advance(50);
      const next = watch(manager[method](() => 2));
      await clock.advance(0);
      expect([next.value, calls]).toEqual([2, 1]);
    });

    it('a task that comes during it waits, one of a higher priority goes first', async () => {
      const { clock, manage, sleep } = harness();
      const manager = await manage({ ...sizes, validate: () => sleep(100).then(() => true) });
      await clock.advance(1_000);
      const log: string[] = [];
      watch(manager[method](() => void log.push('first')));
      await clock.advance(50);
      watch(manager[method](() => void log.push('urgent'), { priority: 9 }));
      await clock.advance(49);
      expect(log).toEqual([]);
      await clock.advance(1);
      expect(log).toEqual(method === 'queueTask' ? ['urgent', 'first'] : ['first', 'urgent']);
    });

    it('reserves no task: while one hangs, another idle resource is validated and gets the task at once', async () => {
      let hangs = 0;
      const { manager, clock } = await start({
        workerCount: 3,
        maxWorkerCount: 3,
        resourcePoolSize: method === 'queueTask' ? 0 : 3,
        maxTemporaryResources: 1,
        validate: () => (hangs++ < 2 ? new Promise<boolean>(() => {}) : true),
      });
      await clock.advance(1_000);
      const outcome = watch(manager[method](() => 1));
      await clock.advance(0);
      expect([outcome.value, hangs]).toEqual([1, 3]);
    });

    it('reserves no task: one that becomes free meanwhile gets it', async () => {
      let hangs = false;
      const { manager, clock } = await start({
        workerCount: 2,
        maxWorkerCount: 2,
        resourcePoolSize: method === 'queueTask' ? 0 : 2,
        maxTemporaryResources: 1,
        validate: () => (hangs ? new Promise<boolean>(() => {}) : true),
      });
      watch(manager[method]((resource) => resource.work(1_000)));
      await clock.advance(600);
      hangs = true;
      const outcome = watch(manager[method](() => 1));
      await clock.advance(399);
      expect(outcome.state).toBe('pending');
      await clock.advance(1);
      expect(outcome.value).toBe(1);
    });

    it('a later task does not wait for the validation of a cancelled one', async () => {
      let calls = 0;
      const { manager, clock } = await start({
        workerCount: 2,
        maxWorkerCount: 2,
        resourcePoolSize: method === 'queueTask' ? 0 : 1,
        validate: () => (calls++ === 0 ? new Promise<boolean>(() => {}) : true),
      });
      await clock.advance(1_000);
      const controller = new AbortController();
      const cancelled = watch(manager[method](() => 1, { signal: controller.signal }));
      await Promise.resolve();
      controller.abort();
      const next = watch(manager[method](() => 2));
      await clock.advance(0);
      expect([cancelled.state, next.value]).toEqual(['rejected', 2]);
    });

    it('that ends when nobody waits for it any more does not keep a later task from being validated for', async () => {
      const { clock, manage, sleep } = harness();
      const manager = await manage({
        workerCount: 2,
        maxWorkerCount: 2,
        resourcePoolSize: method === 'queueTask' ? 0 : 2,
        maxTemporaryResources: 1,
        validate: () => sleep(10).then(() => true),
      });
      await clock.advance(1_000);
      const controller = new AbortController();
      watch(manager[method](() => 1, { signal: controller.signal }));
      await clock.advance(5);
      controller.abort();
      await clock.advance(1_000);
      const later = watch(manager[method](() => 2));
      await clock.advance(10);
      expect(later.value).toBe(2);
    });

    it('is made once for each waiting task, unless one is slower than usual', async () => {
      const { clock, manage, sleep } = harness();
      let [calls, ms] = [0, 10];
      const manager = await manage({
        workerCount: 4,
        maxWorkerCount: 4,
        resourcePoolSize: method === 'queueTask' ? 0 : 4,
        maxTemporaryResources: 1,
        validate: () => (calls++, sleep(ms).then(() => true)),
      });
      const run = async (): Promise<number> => {
        const before = calls;
        await clock.advance(1_000);
        watch(manager[method]((resource) => resource.work(1)));
        await clock.advance(100);
        return calls - before;
      };
      for (let i = 0; i < 50; i++) await run(); // from now on it is known how long one takes
      expect(await run()).toBe(1);
      await clock.advance(1_000);
      const before = calls;
      const controller = new AbortController();
      for (const options of [{}, { signal: controller.signal }]) watch(manager[method](() => 1, options));
      await clock.advance(0);
      controller.abort();
      watch(manager[method](() => 1));
      await clock.advance(0);
      expect(calls - before).toBe(method === 'queueTask' ? 2 : 3); // for three, one of which was cancelled
      await clock.advance(100);
      ms = 25;
      expect(await run()).toBe(2);
    });

    it('validateAfter 0 validates before every use, the hand-over to the next task included', async () => {
      const log: string[] = [];
      const { manager, clock } = await start({
        ...sizes,
        validateAfter: 0,
        validate: () => (log.push('validate'), true),
      });
      const outcomes = Array.from({ length: 50 }, (_, i) => watch(manager[method](() => void log.push(`task ${i}`))));
      await clock.advance(0);
      expect(outcomes.every(({ state }) => state === 'fulfilled')).toBe(true);
      await clock.advance(10);
      watch(manager[method](() => void log.push('task 50')));
      await clock.advance(0);
      expect(log).toEqual(Array.from({ length: 51 }, (_, i) => ['validate', `task ${i}`]).flat());
    });

    it('validateAfter 0 validates once for each use, also where time passes between the two', async () => {
      const { clock, config, adopt } = harness();
      let [calls, later] = [0, 0];
      // Each reading is later, as with the clock of a computer.
      const ticking = {
        now: () => clock.now() + (later += 0.001),
        setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms),
        clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
      };
      const starting = createTaskManager(
        config({ ...sizes, clock: ticking, validateAfter: 0, validate: () => ++calls < 100 }),
      );
      await clock.advance(0);
      const manager = adopt(await starting);
      const outcome = watch(manager[method](() => 1));
      await clock.advance(0);
      expect([outcome.value, calls]).toEqual([1, 1]);
    });

    it('validateAfter 0 hands no dead resource on, from task to task or from lease to lease', async () => {
      const dead = new Set<number>();
      const { manager, clock, sleep } = await start({
        ...sizes,
        workerCount: 2,
        maxWorkerCount: 2,
        resourcePoolSize: 2,
        validateAfter: 0,
        validate: ({ id }) => !dead.has(id),
      });
      let met = 0;
      const use = async ({ id }: FakeResource): Promise<void> => {
        if (dead.has(id)) met++;
        await sleep(1);
        dead.add(id); // each dies under its first user
      };
      const lease = async (): Promise<void> => {
        await using held = await manager.lease();
        await use(held.resource);
        await held.release();
      };
      const outcomes = Array.from({ length: 100 }, (_, i) =>
        watch(method === 'queueTask' && i % 2 === 0 ? lease() : manager[method](use)),
      );
      await clock.advance(10_000);
      expect([met, outcomes.every(({ state }) => state === 'fulfilled')]).toEqual([0, true]);
    });

    it('a stop during it waits for the task, a kill does not wait for it', async () => {
      for (const end of ['stop', 'kill'] as const) {
        const { clock, manage, sleep } = harness();
        const manager = await manage({ ...sizes, validate: () => sleep(100).then(() => true) });
        await clock.advance(1_000);
        const task = watch(manager[method](() => 1));
        await clock.advance(10);
        const ending = watch(manager[end]());
        await clock.advance(0);
        expect([task.state, ending.state]).toEqual(end === 'stop' ? ['pending', 'pending'] : ['rejected', 'fulfilled']);
        await clock.advance(200);
        expect([task.state, ending.state]).toEqual([end === 'stop' ? 'fulfilled' : 'rejected', 'fulfilled']);
      }
    });
  });

  describe(`onRelease, for resources ${where}`, () => {
    it('runs after the outcome is settled, and the next task waits for it', async () => {
      const { clock, manage, sleep } = harness();
      const log: string[] = [];
      const manager = await manage({
        ...sizes,
        onRelease: async ({ id }) => {
          log.push(`release ${id}`);
          await sleep(100);
          log.push('released');
        },
      });
      const first = watch(manager[method](({ id }) => id).then(() => log.push('settled')));
      const second = watch(manager[method](() => void log.push('second')));
      await clock.advance(0);
      const id = method === 'queueTask' ? 1 : 2;
      expect([first.state, second.state, log.toSorted()]).toEqual([
        'fulfilled',
        'pending',
        [`release ${id}`, 'settled'],
      ]);
      await clock.advance(100);
      expect(log.slice(2, 4)).toEqual(['released', 'second']);
      await clock.advance(100);
    });

    it('runs after a failed, a timed-out and a cancelled task, once its function has ended', async () => {
      let calls = 0;
      const { manager, clock } = await start({ ...sizes, onRelease: () => void calls++ });
      const controller = new AbortController();
      watch(manager[method](() => Promise.reject(new Error('own'))));
      await clock.advance(0);
      expect(calls).toBe(1);
      watch(manager[method]((resource) => resource.work(50), { timeout: 10 }));
      await clock.advance(49);
      expect(calls).toBe(1);
      await clock.advance(1);
      expect(calls).toBe(2);
      watch(manager[method]((resource) => resource.work(50), { signal: controller.signal }));
      await clock.advance(10);
      controller.abort();
      await clock.advance(40);
      expect(calls).toBe(3);
    });

    for (const [what, onRelease] of [
      [
        'throws',
        () => {
          throw new Error('onRelease failed');
        },
      ],
      ['rejects', () => Promise.reject(new Error('onRelease failed'))],
      ['hangs', () => new Promise<void>(() => {})],
    ] as [string, () => Promise<void>][]) {
      it(`replaces the resource when it ${what}; the outcome stays what it was`, async () => {
        const { manager, clock, fakes } = await start({ ...sizes, onRelease, validateTimeout: 100 });
        const log = errors(manager);
        const first = watch(manager[method](() => 'outcome'));
        await clock.advance(0);
        expect(first.value).toBe('outcome');
        await clock.advance(100);
        const second = watch(manager[method](({ id }) => id));
        await clock.advance(0);
        expect([second.value, fakes.reasons[0]]).toEqual([3, 'invalid']);
        expect(log[0]).toMatch(/^onRelease: .*(failed|validateTimeout)/);
        await clock.advance(100);
      });
    }

    it('is awaited by stop(), validateTimeout at most', async () => {
      const { clock, manage, sleep } = harness();
      const manager = await manage({
        ...sizes,
        validateTimeout: 300,
        onRelease: ({ uses }) => (uses === 1 ? sleep(200) : new Promise<void>(() => {})),
      });
      watch(manager[method]((resource) => resource.use()));
      await clock.advance(0);
      const stopping = watch(manager.stop());
      await clock.advance(199);
      expect(stopping.state).toBe('pending');
      await clock.advance(1);
      expect(stopping.state).toBe('fulfilled');
    });

    it('keeps the resource if it ends well', async () => {
      const { manager, clock, fakes } = await start({ ...sizes, onRelease: () => {} });
      const ids = [1, 2].map(() => watch(manager[method](({ id }) => id)));
      await clock.advance(0);
      expect([ids[0]?.value, fakes.destroyed]).toEqual([ids[1]?.value, 0]);
    });

    it('does not run for a resource that is not used again', async () => {
      const onRelease = vi.fn();
      const { manager, clock, fakes } = await start({ ...sizes, onRelease, checkHealth: () => false, maxRetries: 0 });
      watch(manager[method](() => Promise.reject(new Error('sick'))));
      await clock.advance(0);
      expect([fakes.reasons, onRelease.mock.calls]).toEqual([['sick'], []]);
    });

    it('also runs after the last task of a stop, before the resource is destroyed', async () => {
      const { clock, fakes, manage } = harness();
      const log: string[] = [];
      const manager = await manage({
        ...sizes,
        onRelease: () => void log.push('onRelease'),
        onDestroy: (resource, reason) => {
          if (resource.uses > 0) log.push(`onDestroy ${reason}`);
          return fakes.onDestroy(resource, reason);
        },
      });
      watch(manager[method]((resource) => resource.work(10)));
      await clock.advance(0);
      const stopping = watch(manager.stop());
      await clock.advance(10);
      expect([stopping.state, log]).toEqual(['fulfilled', ['onRelease', 'onDestroy shutdown']]);
    });
  });

  describe(`keepAlive, for resources ${where}`, () => {
    it('validates an idle resource so often, and replaces one that has died', async () => {
      const { clock, fakes, manage } = harness();
      const times: number[] = [];
      const manager = await manage({
        ...sizes,
        keepAlive: 1_000,
        validate: (resource) => {
          times.push(clock.now());
          return resource.state === 'alive';
        },
      });
      await clock.advance(3_500);
      expect([...new Set(times)]).toEqual([1_000, 2_000, 3_000]);
      fakes.all[method === 'queueTask' ? 0 : 1]?.die();
      await clock.advance(1_000);
      expect([fakes.reasons, fakes.alive]).toEqual([['invalid'], 2]);
      const outcome = watch(manager[method](({ state }) => state));
      await clock.advance(0);
      expect(outcome.value).toBe('alive');
    });

    it('goes on after a task that was longer than that', async () => {
      const { clock, manage } = harness();
      const times: number[] = [];
      const manager = await manage({
        ...sizes,
        resourcePoolSize: method === 'queueTask' ? 0 : 1,
        maxTemporaryResources: 1,
        keepAlive: 100,
        validate: () => (times.push(clock.now()), true),
      });
      watch(manager[method]((resource) => resource.work(250)));
      await clock.advance(360);
      expect(times).toContain(350);
    });

    it('leaves those in use alone', async () => {
      const validated: number[] = [];
      const { manager, clock } = await start({
        ...sizes,
        keepAlive: 100,
        validate: ({ id }) => (validated.push(id), true),
      });
      const id = watch(manager[method]((resource) => resource.work(1_000).then(() => resource.id)));
      await clock.advance(1_000);
      expect(validated).not.toContain(id.value);
      await clock.advance(100);
      expect(validated).toContain(id.value);
    });
  });
}

describe('keepAlive during the start', () => {
  it('is for later: nothing is validated before the last resource is up', async () => {
    const { clock, fakes, manage } = harness({ createDelay: (n) => n * 100 });
    const times: number[] = [];
    await manage({ workerCount: 3, keepAlive: 20, validate: () => (times.push(clock.now()), true) });
    await clock.advance(50);
    expect([fakes.created, (times[0] ?? 0) >= 300]).toEqual([3, true]);
  });
});

describe('onRelease between two tasks of which the second follows at once', () => {
  const one = { workerCount: 1, maxWorkerCount: 1, scaling: 'off' } as const;

  /** Three tasks for one worker, and a hook after the first of them. */
  async function three(
    hook: (manager: TaskManager<FakeResource>, resource: FakeResource) => void | Promise<void>,
    clean: () => void = () => {},
  ) {
    const { clock, fakes, manage, sleep } = harness();
    const log: string[] = [];
    let isFirst = true;
    const manager: TaskManager<FakeResource> = await manage({
      ...one,
      onRelease: (resource) => {
        log.push(`release ${resource.id}`);
        if (!isFirst) return clean();
        isFirst = false;
        return hook(manager, resource);
      },
      onDestroy: (resource, reason) => {
        log.push(`destroy ${resource.id}`);
        return fakes.onDestroy(resource, reason);
      },
    });
    const outcomes = ['a', 'b', 'c'].map((name) =>
      watch(manager.queueTask(async ({ id }) => void log.push(`${name} on ${id}`))),
    );
    return { clock, fakes, log, manager, outcomes, sleep };
  }

  it('is called once for each, before the next begins', async () => {
    for (const hook of [() => {}, () => Promise.resolve()]) {
      const { clock, log } = await three(hook);
      await clock.advance(0);
      expect(log).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} on 1`, 'release 1']));
    }
  });

  it('may pause the manager: the next waits', async () => {
    const { clock, log, manager, outcomes } = await three((subject) => subject.pause());
    await clock.advance(10);
    expect([log, outcomes.map(({ state }) => state)]).toEqual([
      ['a on 1', 'release 1'],
      ['fulfilled', 'pending', 'pending'],
    ]);
    manager.resume();
    await clock.advance(0);
    expect(outcomes.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('may kill the manager: the next never begins, and the resource is destroyed once', async () => {
    const { clock, log, outcomes } = await three((subject) => void subject.kill());
    await clock.advance(10);
    expect(log).toEqual(['a on 1', 'release 1', 'destroy 1']);
    expect(outcomes.map(code)).toEqual([undefined, 'KILLED', 'KILLED']);
  });

  it('may throw: the next runs on another resource', async () => {
    const { clock, log } = await three(() => {
      throw new Error('not clean');
    });
    await clock.advance(10);
    expect(log.filter((entry) => entry !== 'destroy 1')).toEqual([
      'a on 1',
      'release 1',
      ...['b', 'c'].flatMap((name) => [`${name} on 2`, 'release 2']),
    ]);
  });

  it('may say that the resource has died, and take a while: it is destroyed after that', async () => {
    const { clock, fakes, manage, sleep } = harness();
    const log: string[] = [];
    const dies: (() => void)[] = [];
    const manager = await manage({
      ...one,
      onCreate: async (context) => {
        dies.push(() => context.invalidate());
        return fakes.onCreate(context);
      },
      onRelease: async ({ id }) => {
        if (id > 1) return;
        dies[0]?.();
        await sleep(10);
        log.push('released');
      },
      onDestroy: (resource, reason) => {
        log.push(`destroy ${resource.id}`);
        return fakes.onDestroy(resource, reason);
      },
    });
    const outcomes = [1, 2].map(() => watch(manager.queueTask(async ({ id }) => id)));
    await clock.advance(9);
    expect([outcomes[0]?.value, log]).toEqual([1, []]);
    await clock.advance(10);
    expect([outcomes[1]?.value, log]).toEqual([2, ['released', 'destroy 1']]);
  });

  it('is no part of the time of the next, nor of the one before', async () => {
    const { clock, config, adopt } = harness();
    let later = 0;
    const starting = createTaskManager(
      config({
        ...one,
        clock: {
          now: () => clock.now() + later,
          setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
          clearTimeout: (handle) => clock.clearTimeout(handle),
        },
        onRelease: () => void (later += 1), // blocks
      }),
    );
    await clock.advance(0);
    const manager = adopt(await starting);
    const times: number[] = [];
    manager.on('completed', ({ task, finishedAt }) => times.push(task.startedAt ?? -1, finishedAt));
    for (let i = 0; i < 3; i++) watch(manager.queueTask(async () => 1));
    await clock.advance(0);
    const start = times[0] ?? -1;
    expect(times.map((time) => time - start)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('a resource is used maxUses times, and no more', async () => {
    for (const hooks of [{}, { onRelease: () => {} }]) {
      const { manager, clock } = await start({ ...one, maxUses: 3, ...hooks });
      const outcomes = Array.from({ length: 7 }, () => watch(manager.queueTask(async ({ id }) => id)));
      await clock.advance(10);
      expect(outcomes.map(({ value }) => value)).toEqual([1, 1, 1, 2, 2, 2, 3]);
    }
  });

  it('places of one resource share its maxUses', async () => {
    const { manager, clock } = await start({ fakes: { places: 2 }, ...one, tasksPerWorker: 2, maxUses: 5 });
    const outcomes = Array.from({ length: 12 }, () =>
      watch(manager.queueTask((resource) => resource.work(1).then(() => resource.id))),
    );
    await clock.advance(100);
    expect(outcomes.map(({ value }) => value)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]);
  });
});

describe('wrong combinations', () => {
  it('onRelease with tasksPerWorker > 1 and keepAlive without validate are INVALID_CONFIG', async () => {
    const { config, fakes } = harness();
    for (const wrong of [
      { onRelease: () => {}, tasksPerWorker: 2 },
      { keepAlive: 1_000 },
      { keepAlive: 0, validate: () => true },
      { validateTimeout: -1 },
      { validate: true as never },
    ]) {
      await expect(createTaskManager(config(wrong))).rejects.toSatisfy((error) =>
        isTaskerError(error, 'INVALID_CONFIG'),
      );
    }
    expect(fakes.attempts).toBe(0);
  });

  it('validate with tasksPerWorker > 1 is fine: only a resource that nobody uses is validated', async () => {
    const { clock, manage, sleep } = harness({ places: 2 });
    const users: number[] = [];
    const manager = await manage({
      maxWorkerCount: 1,
      tasksPerWorker: 2,
      validateAfter: 0,
      keepAlive: 50,
      validate: (resource) => {
        users.push(resource.users);
        return sleep(5).then(() => true);
      },
    });
    const all = [];
    for (let i = 0; i < 20; i++) {
      all.push(watch(manager.queueTask((resource) => resource.work(30 + (i % 3) * 20))));
      await clock.advance(i % 4 === 0 ? 100 : 10);
    }
    await clock.advance(1_000);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(new Set(users)).toEqual(new Set([0]));
  });
});

describe('a resource that fails validation unused within 1 s of its creation', () => {
  it('counts as a failed creation: it backs off, and after three in a row probes one at a time', async () => {
    const { clock, fakes, manage } = harness();
    const failures: number[] = [];
    await manage({
      validate: () => false,
      keepAlive: 100,
      validateAfter: 0,
      createBackoff: (count) => {
        failures.push(count);
        return 1_000;
      },
    });
    await clock.advance(5_000);
    expect(failures.slice(0, 3)).toEqual([1, 2, 3]);
    expect(fakes.created).toBeLessThan(8);
  });

  it('with a task waiting for it the task is rejected instead of hanging, when no worker is left', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n > 1 ? 10 : 0) },
      scaling: 'off',
      validate: () => false,
      validateAfter: 0,
      keepAlive: 200,
      createBackoff: () => 10,
    });
    await clock.advance(100);
    const outcome = watch(manager.queueTask(() => 1));
    await clock.advance(10_000);
    expect(outcome.state).not.toBe('pending');
    expect(fakes.created).toBeLessThan(1_000);
  });

  it('is no failure once it has lived 1 s: it is replaced at once', async () => {
    let isGood = true;
    const { manager, clock, fakes } = await start({ validate: () => isGood, createBackoff: () => 100_000 });
    await clock.advance(1_500);
    isGood = false;
    const outcome = watch(manager.queueTask(({ id }) => id));
    await clock.advance(0);
    expect([outcome.value, fakes.reasons]).toEqual([2, ['invalid']]);
  });
});
