import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { TaskContext, TaskManager } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { harness, start, watch } from '../support/harness.ts';
import { onUnhandled, unhandled } from '../support/unhandled.ts';

describe('a task function', () => {
  it('may be sync or async, or an object with execute, which keeps its `this`', async () => {
    const { manager } = await start({ resourcePoolSize: 1 });
    class Double {
      readonly #n = 21;
      execute(): number {
        return this.#n * 2;
      }
    }
    const thenable = { then: (resolve: (value: string) => void) => resolve('thenable') }; // oxlint-disable-line unicorn/no-thenable -- that is the test
    for (const submit of [manager.queueTask.bind(manager), manager.runTask.bind(manager)]) {
      expect(await submit(() => 'sync')).toBe('sync');
      expect(await submit(async () => 'async')).toBe('async');
      expect(await submit<string>(() => thenable as unknown as PromiseLike<string>)).toBe('thenable');
      expect(await submit(new Double())).toBe(42);
      expect(await submit(() => undefined)).toBe(undefined);
    }
  });

  it('that is an object is given the resource and the context, too, and the characters of a text are items', async () => {
    const { manager } = await start();
    const task = { execute: (resource: FakeResource, context: TaskContext) => [resource.id, context.attempt] };
    expect(await manager.queueTask(task)).toEqual([1, 1]);
    const letters: string[] = [];
    for await (const letter of manager.map('ab', (item) => item)) letters.push(letter);
    expect(letters).toEqual(['a', 'b']);
  });

  it('gets the resource and the context', async () => {
    const { manager, fakes } = await start();
    const [resource, attempt] = await manager.queueTask((resource, context) => [resource, context.attempt] as const);
    expect([resource, attempt]).toEqual([fakes.all[0], 1]);
  });

  it('that throws synchronously rejects its promise, with the same object, also if that is no error', async () => {
    const { manager } = await start({ resourcePoolSize: 1 });
    const proxy = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no property may be read');
        },
      },
    );
    for (const thrown of [new Error('own'), 'text', 0, null, undefined, Object.freeze({ code: 1 }), proxy]) {
      const fail = (): never => {
        throw thrown;
      };
      const outcomes = await Promise.allSettled([
        manager.queueTask(fail),
        manager.queueTaskOnce(fail),
        manager.runTask(fail),
        manager.queueTask(async () => fail()),
      ]);
      for (const outcome of outcomes) {
        expect(outcome.status).toBe('rejected');
        expect(Object.is((outcome as PromiseRejectedResult).reason, thrown)).toBe(true);
      }
    }
    expect(manager.metrics()).toMatchObject({ totalTasksFailed: 28, totalTasksCompleted: 0 });
  });

  it('may return a thenable that is a function: the task runs until that settles', async () => {
    const { manager, clock } = await start();
    const end = deferred<string>();
    // oxlint-disable-next-line unicorn/no-thenable -- that is the test
    const callable = Object.assign(() => 'called', { then: end.promise.then.bind(end.promise) });
    const task = watch(manager.queueTask<string>(() => callable as unknown as PromiseLike<string>));
    await clock.advance(0);
    expect([task.state, manager.stats().runningTasks]).toEqual(['pending', 1]);
    end.resolve('thenable');
    await clock.advance(0);
    expect([task.value, manager.stats().runningTasks]).toEqual(['thenable', 0]);
  });

  it('whose thenable is malicious settles its task once: a throwing getter, two calls, a throw after a call', async () => {
    const { manager, clock } = await start();
    const bad = new Error('then cannot be read');
    // oxlint-disable unicorn/no-thenable -- that is the test
    const thenables: [object, string, unknown][] = [
      [
        Object.defineProperty({}, 'then', {
          get: () => {
            throw bad;
          },
        }),
        'rejected',
        bad,
      ],
      [
        { then: (resolve: (v: number) => void, reject: (e: Error) => void) => (resolve(1), reject(bad), resolve(2)) },
        'fulfilled',
        1,
      ],
      [
        {
          then: (resolve: (v: number) => void) => {
            resolve(3);
            throw bad;
          },
        },
        'fulfilled',
        3,
      ],
      [{ then: 'not a function' }, 'fulfilled', { then: 'not a function' }],
    ];
    // oxlint-enable unicorn/no-thenable
    for (const [thenable, state, result] of thenables) {
      const outcome = watch(manager.queueTask(() => thenable));
      await clock.advance(0);
      expect([outcome.state, outcome.value ?? outcome.error]).toEqual([state, result]);
    }
    expect(manager.stats()).toMatchObject({ runningTasks: 0, idleWorkers: 1 });
  });

  it('that is sync may be followed by any number of others: none fills the stack', async () => {
    const { manager } = await start({ maxWorkerCount: 1 });
    const all = Array.from({ length: 5_000 }, (_, n) => manager.queueTask(() => n));
    expect((await Promise.all(all)).at(-1)).toBe(4_999);
    watch(manager.queueTask(async () => {}));
    const after = Array.from({ length: 5_000 }, (_, n) => manager.queueTask(() => n));
    expect((await Promise.all(after)).at(-1)).toBe(4_999);
  });

  it('that throws synchronously does not keep the next one from starting', async () => {
    const { manager } = await start();
    const all = [1, 2, 3, 4, 5].map((n) =>
      manager.queueTask(() => {
        if (n % 2 === 1) throw new Error(`task ${n}`);
        return n;
      }),
    );
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map(({ status }) => status[0])).toEqual(['r', 'f', 'r', 'f', 'r']);
  });
});

describe('no rejection of ours is unhandled', () => {
  const failures: Record<string, (manager: TaskManager<FakeResource>) => unknown> = {
    'a task fails': (manager) =>
      watch(
        manager.queueTask(() => {
          throw new Error('x');
        }),
      ),
    'a waiting task is cancelled': (manager) => {
      const controller = new AbortController();
      watch(manager.queueTask(() => {}, { signal: controller.signal }));
      controller.abort();
    },
    'a running task is cancelled and its function rejects later': (manager) => {
      const controller = new AbortController();
      watch(
        manager.queueTask(
          async (resource) => {
            await resource.work(5);
            throw new Error('late');
          },
          { signal: controller.signal },
        ),
      );
      queueMicrotask(() => queueMicrotask(() => controller.abort()));
    },
    'a task times out': (manager) => watch(manager.queueTask((resource) => resource.work(50), { timeout: 1 })),
    'retries are exhausted': (manager) =>
      watch(
        manager.queueTask(() => {
          throw new Error('sick');
        }),
      ),
    'the manager is killed with work queued and running': (manager) => {
      for (let i = 0; i < 5; i++) watch(manager.queueTask((resource) => resource.work(1)));
      watch(manager.runTask((resource) => resource.work(1)));
      watch(manager.kill(new Error('enough')));
    },
    'something is submitted after the shutdown': (manager) => {
      watch(manager.stop());
      watch(manager.queueTask(() => {}));
      watch(manager.runTask(() => {}));
    },
    'a stop runs into its timeout': (manager) => {
      watch(manager.queueTask((resource) => resource.work(1_000)));
      watch(manager.stop({ timeout: 10 }));
    },
  };

  for (const [title, provoke] of Object.entries(failures)) {
    it(`when ${title}`, async () => {
      const { manager, clock } = await start({
        fakes: { failDestroy: (n) => n % 2 === 0 },
        workerCount: 2,
        resourcePoolSize: 1,
        checkHealth: () => false,
      });
      provoke(manager);
      await clock.advance(2_000);
    });
  }

  it('when the start fails or is given up', async () => {
    const { clock, config } = harness({ createDelay: (n) => n, failCreate: (n) => n > 1 });
    const controller = new AbortController();
    watch(createTaskManager(config({ workerCount: 3 })));
    watch(createTaskManager(config({ signal: AbortSignal.abort() })));
    watch(createTaskManager(config({ signal: controller.signal, workerCount: 2 })));
    controller.abort(new Error('never mind'));
    await clock.advance(10_000);
  });

  it('when creations fail in the background', async () => {
    const { manager, clock } = await start({ fakes: { failCreate: (n) => n > 1 && n < 8 }, checkHealth: () => false });
    watch(
      manager.queueTask(() => {
        throw new Error('sick');
      }),
    );
    await clock.advance(60_000);
    expect(manager.stats().baseWorkers).toBe(1);
  });

  it('when config.signal stops the manager and nobody waits for the end', async () => {
    const controller = new AbortController();
    const { manager, clock } = await start({ fakes: { failDestroy: true }, signal: controller.signal });
    controller.abort();
    await clock.advance(10);
    expect(manager.stats().state).toBe('stopped');
  });

  it('unless the caller dropped the promise it was given', async () => {
    const { manager, clock } = await start();
    const mine = new Error('dropped by the caller');
    const others = process.listeners('unhandledRejection').filter((listener) => listener !== onUnhandled);
    for (const listener of others) process.off('unhandledRejection', listener);
    void manager.queueTask(() => {
      throw mine;
    });
    await clock.advance(0);
    for (const listener of others) process.on('unhandledRejection', listener);
    expect(unhandled.splice(0)).toEqual([mine]);
  });
});
