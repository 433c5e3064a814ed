import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTaskManager } from 'tasker';
import type { TaskerEvents, TaskManager } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import type { FakeResource } from 'tasker/testing';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';
import { describe, expect, it } from 'vitest';

const storage = new AsyncLocalStorage<string>();

describe('a task runs in the async context of its submitter', () => {
  it('although it starts long after, by the end of a task of somebody else', async () => {
    const { manager, clock, work } = await start();
    const log: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      storage.run(name, () => {
        watch(
          manager.queueTask(async (resource) => {
            log.push(`${name} starts in ${storage.getStore()}`);
            await work(10)(resource);
            log.push(`${name} goes on in ${storage.getStore()}`);
          }),
        );
      });
    }
    await clock.runAll();
    expect(log).toEqual(
      ['a', 'b', 'c', 'd'].flatMap((name) => [`${name} starts in ${name}`, `${name} goes on in ${name}`]),
    );
  });

  it.each(['queueTask', 'queueTaskOnce', 'queueTaskWithPriority', 'queueTaskWithPriorityOnce', 'runTask'] as const)(
    'by %s, as a function and as an object',
    async (method) => {
      const { manager, clock } = await start({ resourcePoolSize: 1 });
      const log: (string | undefined)[] = [];
      const tasker = {
        own: 'its own this',
        execute() {
          log.push(this.own, storage.getStore());
        },
      };
      storage.run('submitter', () => {
        watch(manager[method](() => void log.push(storage.getStore())));
        watch(manager[method](() => void log.push(storage.getStore()))); // runTask: on a temporary resource
        watch(manager[method](tasker));
      });
      await clock.runAll();
      expect(log).toEqual(['submitter', 'submitter', 'its own this', 'submitter']);
    },
  );

  it('and none at all if it has none', async () => {
    const { manager, clock } = await start();
    const log: unknown[] = [];
    storage.run('first', () => watch(manager.queueTask((resource) => resource.work(10))));
    watch(manager.queueTask(() => void log.push(storage.getStore())));
    await clock.runAll();
    expect(log).toEqual([undefined]);
  });

  it.each([0, 50])('its retries too, after %s ms', async (after) => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: () => ({ resource: 'replace', task: 'retry', after }),
    });
    const log: unknown[] = [];
    storage.run('submitter', () => {
      watch(
        manager.queueTask(async (_, { attempt }) => {
          log.push(storage.getStore());
          if (attempt < 3) throw SICK;
        }),
      );
    });
    storage.run('somebody else', () => watch(manager.queueTask((resource) => resource.work(10))));
    await clock.runAll();
    expect(log).toEqual(['submitter', 'submitter', 'submitter']);
  });

  it('and what follows its promise is in the context of whoever awaits it', async () => {
    const { manager, clock } = await start();
    const log: unknown[] = [];
    const task = storage.run('submitter', () => manager.queueTask(() => 1));
    storage.run('awaiter', () => watch(task.then(() => log.push(storage.getStore()))));
    await clock.runAll();
    expect(log).toEqual(['awaiter']);
  });

  it('many submitters at once do not mix', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 6 });
    const wrong: string[] = [];
    for (let i = 0; i < 200; i++) {
      storage.run(String(i), () =>
        watch(
          manager.queueTask(async (resource) => {
            if (storage.getStore() !== String(i)) wrong.push(`${i} started in ${storage.getStore()}`);
            await resource.work(i % 7);
            if (storage.getStore() !== String(i)) wrong.push(`${i} went on in ${storage.getStore()}`);
          }),
        ),
      );
    }
    await clock.runAll();
    expect(wrong).toEqual([]);
  });
});

describe('asyncContext', () => {
  it.each([
    [true, 15],
    [false, 0],
  ])(
    '%s: ten tasks and five thenables of theirs enter the context of their submitter %d times',
    async (asyncContext, expected) => {
      const { manager, clock } = await start({ asyncContext });
      const contexts = new Set<number>();
      let entered = 0;
      const hook = createHook({
        init: (id, type) => {
          if (type === 'TaskerTask') contexts.add(id);
        },
        before: (id) => {
          if (contexts.has(id)) entered++;
        },
      }).enable();
      // oxlint-disable-next-line unicorn/no-thenable -- one that is asked in that context
      const later = { then: (resolve: (value: number) => void) => resolve(1) } as PromiseLike<number>;
      const done = Promise.all(
        Array.from({ length: 10 }, (_, n) => manager.queueTask(() => (n % 2 === 0 ? 1 : later))),
      );
      await clock.runAll();
      hook.disable();
      expect([await done, entered]).toEqual([Array.from({ length: 10 }, () => 1), expected]);
    },
  );
});

describe("hooks, listeners and resources run in the async context of the manager's creation", () => {
  it('whoever sets them off', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, createDelay: 5, destroyDelay: 5, failCreate: (n) => n === 3 });
    const seen = new Map<string, Set<string | undefined>>();
    const note = (what: string): void => {
      seen.set(what, (seen.get(what) ?? new Set()).add(storage.getStore()));
    };
    let isScalerBroken = false;
    const log = (): void => note('logger');
    const record = (): void => note('collector');
    let manager: TaskManager<FakeResource> | undefined;
    const starting = storage.run('creator', () =>
      createTaskManager<FakeResource>({
        workerCount: 1,
        maxWorkerCount: 3,
        resourcePoolSize: 1,
        clock,
        onCreate: async (context) => {
          note('onCreate');
          const resource = await fakes.onCreate(context);
          note('onCreate, later');
          return resource;
        },
        onDestroy: (resource, reason) => {
          note('onDestroy');
          return fakes.onDestroy(resource, reason);
        },
        checkHealth: (error) => {
          note('checkHealth');
          return sickIfSo(error);
        },
        retry: {
          backoff: () => {
            note('backoff');
            return 10;
          },
        },
        createBackoff: () => {
          note('createBackoff');
          return 10;
        },
        scaling: ({ running, queued }) => {
          note('scaling');
          if (isScalerBroken) throw new Error('Scaler failed');
          return running + queued;
        },
        logger: { debug: log, info: log, warn: log, error: log },
        collector: {
          recordArrival: record,
          recordCompletion: record,
          recordFailure: record,
          recordRetry: record,
          metrics: () => {
            note('collector.metrics');
            return {} as never;
          },
        },
      }),
    );
    await clock.runAll();
    manager = await starting;
    const events: (keyof TaskerEvents)[] = [
      'queued',
      'started',
      'retried',
      'completed',
      'failed',
      'cancelled',
      'abandoned',
      'resourceCreated',
      'resourceDestroyed',
      'createFailed',
      'scaled',
      'idle',
      'stopped',
      'error',
    ];
    storage.run('listener’s adder', () => {
      for (const event of events) manager.on(event, () => note(`event ${event}`));
    });
    await storage.run('submitter', async () => {
      const controller = new AbortController();
      watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : Promise.resolve())));
      for (let i = 0; i < 6; i++) watch(manager.queueTask((resource) => resource.work(20)));
      watch(manager.queueTask(() => Promise.reject(new Error('own'))));
      watch(manager.queueTask((resource) => resource.work(60_000), { signal: controller.signal, priority: 5 }));
      for (let i = 0; i < 3; i++) watch(manager.runTask((resource) => resource.work(20)));
      await clock.advance(30);
      controller.abort();
      await clock.advance(6_000);
      isScalerBroken = true;
      await clock.advance(1_000);
      manager.metrics();
      const ending = watch(manager.stop());
      await clock.runAll();
      expect(ending.state).toBe('fulfilled');
    });
    await clock.runAll();
    const expected = [
      'onCreate',
      'onCreate, later',
      'onDestroy',
      'checkHealth',
      'backoff',
      'createBackoff',
      'scaling',
      'logger',
      'collector',
      'collector.metrics',
      ...events.map((event) => `event ${event}`),
    ];
    expect([...seen.keys()].toSorted()).toEqual(expected.toSorted());
    const wrong = [...seen].filter(([, contexts]) => contexts.size !== 1 || !contexts.has('creator'));
    expect(wrong).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('also when a caller kills or stops it', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const clock = new VirtualClock();
      const log: unknown[] = [];
      const manager = await storage.run('creator', () =>
        createTaskManager({
          workerCount: 1,
          resourcePoolSize: 0,
          clock,
          onCreate: () => 1,
          onDestroy: () => void log.push(storage.getStore()),
        }),
      );
      await storage.run('caller', () => manager[end]());
      expect(log).toEqual(['creator']);
    }
  });

  it('and a resource keeps that context for what it does by itself later', async () => {
    const clock = new VirtualClock();
    const log: unknown[] = [];
    /** A connection that calls back, as an event emitter bound at its creation would. */
    const onCreate = (): { ping: () => void } => {
      const { promise, resolve } = deferred<void>();
      void promise.then(() => log.push(storage.getStore()));
      return { ping: resolve };
    };
    const manager = await storage.run('creator', () =>
      createTaskManager({ workerCount: 1, resourcePoolSize: 0, clock, onCreate, onDestroy: () => {} }),
    );
    await storage.run('caller', () => manager.runTask((connection) => connection.ping()));
    await manager.stop();
    expect(log).toEqual(['creator']);
  });
});

describe('by public means only', () => {
  it('the source names no private symbol of a runtime', () => {
    const source = fileURLToPath(new URL('../../src', import.meta.url));
    const offences = readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .filter((entry) =>
        /getOwnPropertySymbols|kResourceStore|async_id_symbol|internalBinding|process\.binding|_asyncContext/.test(
          readFileSync(join(entry.parentPath, entry.name), 'utf8'),
        ),
      );
    expect(offences.map(({ name }) => name)).toEqual([]);
  });
});

describe('a thenable that begins when it is asked', () => {
  it('begins in the context of its task’s submitter, once', async () => {
    const { manager, clock } = await start();
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const then = (resolve: (value: number) => void): void => {
      seen.push(store.getStore());
      resolve(1);
    };
    // oxlint-disable-next-line unicorn/no-thenable -- query builders are such
    const outcome = store.run('mine', () => watch(manager.queueTask<unknown>(() => ({ then }))));
    await clock.advance(0);
    expect([outcome.value, seen]).toEqual([1, ['mine']]);
  });
});
