import { createTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { code, harness, start, watch } from '../support/harness.ts';
import type { Bench, BenchConfig, Outcome } from '../support/harness.ts';

/** Submits a task by each method. */
function submitAll(manager: TaskManager<FakeResource>, task: (resource: FakeResource) => unknown): Outcome[] {
  return [
    manager.queueTask(task),
    manager.queueTaskOnce(task),
    manager.queueTaskWithPriority(task),
    manager.queueTaskWithPriorityOnce(task),
    manager.runTask(task),
  ].map((promise) => watch(promise));
}

describe('every promise handed out settles exactly once', () => {
  const troubles: Record<string, BenchConfig> = {
    'every later creation fails': { checkHealth: sickIfSo, fakes: { failCreate: (n) => n > 2 } },
    'every later creation hangs': { checkHealth: sickIfSo, fakes: { hangCreate: (n) => n > 2 } },
    'every second creation fails': { checkHealth: sickIfSo, fakes: { failCreate: (n) => n > 2 && n % 2 === 0 } },
    'every destruction fails': { checkHealth: sickIfSo, fakes: { failDestroy: true } },
    'every destruction hangs': { checkHealth: sickIfSo, fakes: { hangDestroy: true } },
    'checkHealth throws': {
      checkHealth: () => {
        throw new Error('checkHealth failed');
      },
    },
    'checkHealth returns nonsense': { checkHealth: () => 'maybe' as never },
    'the backoff throws': {
      checkHealth: sickIfSo,
      retry: {
        backoff: () => {
          throw new Error('backoff failed');
        },
      },
    },
    'the backoff is NaN': { checkHealth: sickIfSo, retry: { backoff: () => NaN } },
    'createBackoff throws': {
      checkHealth: sickIfSo,
      fakes: { failCreate: (n) => n > 2 && n < 6 },
      createBackoff: () => {
        throw new Error('createBackoff failed');
      },
    },
    'the logger throws': {
      checkHealth: sickIfSo,
      logger: Object.fromEntries(
        ['debug', 'info', 'warn', 'error'].map((level) => [
          level,
          () => {
            throw new Error('logger failed');
          },
        ]),
      ) as never,
    },
    'the collector throws': {
      checkHealth: sickIfSo,
      collector: Object.fromEntries(
        ['recordArrival', 'recordCompletion', 'recordFailure', 'recordRetry', 'metrics'].map((method) => [
          method,
          () => {
            throw new Error('collector failed');
          },
        ]),
      ) as never,
    },
    'the Scaler throws': {
      checkHealth: sickIfSo,
      maxWorkerCount: 4,
      scaling: () => {
        throw new Error('Scaler failed');
      },
    },
  };

  describe.each(Object.keys(troubles))('although %s:', (name) => {
    const behaviours: Record<string, (resource: FakeResource, bench: Bench) => unknown> = {
      'tasks that work': (resource) => resource.work(5),
      'tasks that fail': () => Promise.reject(new Error('own')),
      'tasks whose resource is sick': () => Promise.reject(SICK),
      'tasks that throw nothing at all': () => Promise.reject(undefined),
    };
    it.each(Object.keys(behaviours))('%s', async (behaviour) => {
      const bench = await start({
        maxWorkerCount: 1,
        resourcePoolSize: 1,
        maxTemporaryResources: 1,
        maxRetries: 2,
        ...troubles[name],
      });
      const { manager, clock } = bench;
      const results: Outcome[] = [];
      for (let i = 0; i < 5; i++) {
        results.push(...submitAll(manager, (resource) => behaviours[behaviour]?.(resource, bench)));
        await clock.advance(3);
      }
      await clock.runAll();
      const stopping = watch(manager.stop());
      await clock.runAll();
      expect(results.filter(({ state }) => state === 'pending')).toEqual([]);
      expect(results.every(({ settlements }) => settlements === 1)).toBe(true);
      expect(stopping.state).toBe('fulfilled');
    });
  });
});

describe('in whichever order', () => {
  it('a task is cancelled, timed out and completed in the same instant', async () => {
    for (const order of ['cancel first', 'cancel last', 'cancel inside']) {
      const { manager, clock, settle } = await start();
      const controller = new AbortController();
      const end = deferred<string>();
      const task = watch(
        manager.queueTask(() => end.promise, { signal: controller.signal, timeout: 10, deadline: 10 }),
      );
      await settle();
      clock.setTimeout(() => {
        if (order === 'cancel first') controller.abort('cancelled');
        end.resolve('completed');
        if (order === 'cancel last') controller.abort('cancelled');
        if (order === 'cancel inside') queueMicrotask(() => controller.abort('cancelled'));
      }, 10);
      await clock.runAll();
      expect(task.settlements).toBe(1);
      const { totalTasksCompleted, totalTasksFailed, totalTasksCancelled } = manager.metrics();
      expect(totalTasksCompleted + totalTasksFailed + totalTasksCancelled).toBe(1);
    }
  });

  it('a task is cancelled by checkHealth, which is judging its error', async () => {
    const controller = new AbortController();
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: () => {
        controller.abort('cancelled by checkHealth');
        return false;
      },
    });
    const task = watch(manager.queueTask(() => Promise.reject(SICK), { signal: controller.signal }));
    const next = watch(manager.queueTask(() => 'next'));
    await clock.runAll();
    expect([task.settlements, next.value]).toEqual([1, 'next']);
  });

  it('the manager is killed by checkHealth', async () => {
    let manager: TaskManager<FakeResource> | undefined = undefined;
    let killing: Outcome | undefined;
    const bench = await start({
      checkHealth: () => {
        killing = watch<unknown>(manager?.kill() ?? Promise.resolve());
        return false;
      },
    });
    manager = bench.manager;
    const tasks = [1, 2, 3].map(() => watch(bench.manager.queueTask(() => Promise.reject(SICK))));
    await bench.clock.runAll();
    expect(tasks.map((task) => code(task))).toEqual(['KILLED', 'KILLED', 'KILLED']);
    expect(killing?.state).toBe('fulfilled');
  });

  it.each(['queued', 'started', 'completed', 'failed', 'cancelled', 'resourceDestroyed', 'idle'] as const)(
    'the manager is killed by a listener of %s',
    async (event) => {
      const { manager, clock, work } = await start({ workerCount: 2, maxWorkerCount: 2, resourcePoolSize: 1 });
      let killing: Outcome | undefined;
      manager.on(event, () => (killing ??= watch(manager.kill())));
      const controller = new AbortController();
      const tasks = [
        manager.queueTask(work(10)),
        manager.queueTask(() => Promise.reject(new Error('own'))),
        manager.queueTask(work(50), { signal: controller.signal }),
        manager.queueTask((resource, context) => {
          context.invalidate();
          return resource.work(5);
        }),
        manager.runTask(work(10)),
      ].map((promise) => watch(promise));
      await clock.advance(5);
      controller.abort();
      await clock.runAll();
      expect(killing?.state).toBe('fulfilled');
      expect(tasks.every(({ settlements }) => settlements === 1)).toBe(true);
    },
  );

  it('the manager is killed by onDestroy and by onCreate', async () => {
    for (const hook of ['onCreate', 'onDestroy'] as const) {
      const { clock, fakes, manage } = harness({ createDelay: 5, destroyDelay: 5 });
      let manager: TaskManager<FakeResource> | undefined;
      let killing: Outcome | undefined;
      const killNow = (): void => {
        if (manager !== undefined) killing ??= watch(manager.kill());
      };
      manager = await manage({
        checkHealth: sickIfSo,
        onCreate: (context) => {
          if (hook === 'onCreate') killNow();
          return fakes.onCreate(context);
        },
        onDestroy: (resource, reason) => {
          if (hook === 'onDestroy') killNow();
          return fakes.onDestroy(resource, reason);
        },
      });
      const tasks = [
        manager.queueTask(() => Promise.reject(SICK)),
        manager.queueTask(() => 1),
        manager.runTask(() => 1),
      ].map((promise) => watch(promise));
      await clock.runAll();
      expect(tasks.every(({ settlements }) => settlements === 1)).toBe(true);
      expect([killing?.state, fakes.destroyed, clock.pending]).toEqual(['fulfilled', fakes.created, 0]);
    }
  });

  it('a signal that several tasks share is aborted by a listener of one of them', async () => {
    const { manager, clock, settle } = await start({ workerCount: 2, maxWorkerCount: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const other = new AbortController();
    const tasks = [
      manager.queueTask(
        (_, context) =>
          new Promise((_resolve, reject) =>
            context.signal.addEventListener('abort', () => {
              other.abort('chained');
              reject(new Error('aborted'));
            }),
          ),
        { signal },
      ),
      manager.queueTask(() => new Promise(() => {}), { signal: other.signal }),
      manager.queueTask(() => 1, { signal: other.signal }),
      manager.queueTask(() => 1, { signal }),
    ].map((promise) => watch(promise));
    await settle();
    controller.abort('first');
    await settle();
    expect(tasks.map(({ error }) => error)).toEqual(['first', 'chained', 'chained', 'first']);
    await clock.runAll();
  });
});

/* oxlint-disable unicorn/no-thenable -- strange ones are the point */
describe('whatever a task returns:', () => {
  const strange: Record<string, [task: () => unknown, expected: Partial<Outcome>]> = {
    'a thenable that resolves twice': [
      () => ({
        then(resolve: (value: number) => void) {
          resolve(1);
          resolve(2);
        },
      }),
      { value: 1 },
    ],
    'a thenable that resolves and then throws': [
      () => ({
        then(resolve: (value: number) => void) {
          resolve(1);
          throw new Error('too late');
        },
      }),
      { value: 1 },
    ],
    'a thenable that throws': [
      () => ({
        then() {
          throw SICK;
        },
      }),
      { error: SICK },
    ],
    'an object whose `then` throws when it is read': [
      () =>
        Object.defineProperty({}, 'then', {
          get() {
            throw SICK;
          },
        }),
      { error: SICK },
    ],
    'a thenable of a thenable': [
      () => ({
        then(resolve: (value: unknown) => void) {
          resolve(Promise.resolve(3));
        },
      }),
      { value: 3 },
    ],
    'an object with a `then` that is no function': [() => ({ then: 5 }), { value: { then: 5 } }],
    undefined: [() => undefined, { value: undefined }],
    null: [() => null, { value: null }],
    'a rejection with undefined': [() => Promise.reject(undefined), { error: undefined }],
    'a function': [() => isNaN, { value: isNaN }],
  };

  /* oxlint-enable unicorn/no-thenable */

  it.each(Object.keys(strange))('%s', async (name) => {
    const [task, expected] = strange[name] ?? [];
    const { manager, clock } = await start();
    for (const result of submitAll(manager, () => task?.())) {
      await clock.runAll();
      expect(result).toMatchObject({ settlements: 1, ...expected });
      expect(result.state).toBe('error' in (expected ?? {}) ? 'rejected' : 'fulfilled');
    }
    expect(manager.stats()).toMatchObject({ idleWorkers: 1, runningTasks: 0 });
  });
});

describe('the promise of createTaskManager', () => {
  it.each([
    ['every creation fails', { failCreate: true }, 'CREATE_FAILED'],
    ['one creation hangs', { hangCreate: (n: number) => n === 2 }, 'CREATE_FAILED'],
    ['every creation hangs', { hangCreate: true }, 'CREATE_FAILED'],
    [
      'one creation fails and every destruction hangs',
      { failCreate: (n: number) => n === 3, hangDestroy: true },
      'CREATE_FAILED',
    ],
    [
      'one creation fails and one takes long',
      { failCreate: (n: number) => n === 1, createDelay: (n: number) => n * 400 },
      'CREATE_FAILED',
    ],
  ])('settles although %s', async (_, options, expected) => {
    const { clock, config } = harness(options);
    const starting = watch(createTaskManager(config({ workerCount: 3, resourcePoolSize: undefined })));
    await clock.runAll();
    expect([starting.state, code(starting), starting.settlements]).toEqual(['rejected', expected, 1]);
  });
});
