import { describe, expect, it } from 'vitest';
import { createTaskManager, isTaskerError } from '../../src/index.ts';
import type { CreateContext } from '../../src/index.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { harness, watch } from '../support/harness.ts';

describe('the start', () => {
  it('resolves when every base worker and every pooled resource is up, and not before', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: (n) => n * 10 });
    const start = watch(createTaskManager(config({ workerCount: 2, resourcePoolSize: 3 })).then(adopt));
    await clock.advance(49);
    expect([start.state, fakes.created]).toEqual(['pending', 4]);
    await clock.advance(1);
    expect([start.state, fakes.created]).toEqual(['fulfilled', 5]);
    expect(start.value?.stats()).toMatchObject({
      baseWorkers: 2,
      activeWorkers: 2,
      burstWorkers: 0,
      startingWorkers: 0,
      availableResources: 3,
      state: 'running',
    });
  });

  it('waits for another one if one has died in the instant in which the last came up', async () => {
    const { clock, fakes, manage } = harness({ createDelay: (n) => [0, 0, 2_000][n] ?? 100 });
    const contexts: CreateContext[] = [];
    const debug = (line: string): void => {
      if (line.includes('created') && fakes.attempts === 2 && clock.now() > 0)
        queueMicrotask(() => contexts[0]?.invalidate());
    };
    const manager = await manage({
      workerCount: 2,
      logger: { ...silentLogger, debug },
      onCreate: (context) => {
        contexts.push(context);
        return fakes.onCreate(context);
      },
    });
    expect([clock.now(), manager.stats().activeWorkers, fakes.reasons]).toEqual([2_100, 2, ['invalidated']]);
  });

  it('makes resources side by side, not one after another', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: 100 });
    const start = watch(createTaskManager(config({ workerCount: 4, resourcePoolSize: 4 })).then(adopt));
    await clock.advance(0);
    expect(fakes.attempts).toBe(8);
    await clock.advance(100);
    expect(start.state).toBe('fulfilled');
  });

  it('pools as many resources as there are base workers unless told otherwise', async () => {
    const { clock, fakes, adopt } = harness();
    const manager = adopt(await createTaskManager({ ...fakes, clock, workerCount: 3 }));
    expect(manager.stats()).toMatchObject({ baseWorkers: 3, availableResources: 3 });
    expect(fakes.created).toBe(6);
  });

  it('destroys those already made and rejects with CREATE_FAILED when one onCreate fails', async () => {
    const cause = new Error('no route to host');
    const { clock, fakes, config } = harness({
      createDelay: (n) => n * 10,
      failCreate: (n) => (n === 3 ? cause : undefined),
    });
    const start = watch(createTaskManager(config({ workerCount: 3 })));
    await clock.advance(30);
    expect(start.state).toBe('rejected');
    expect(isTaskerError(start.error, 'CREATE_FAILED')).toBe(true);
    expect((start.error as Error).cause).toBe(cause);
    expect([fakes.created, fakes.destroyed, fakes.reasons]).toEqual([2, 2, ['shutdown', 'shutdown']]);
  });

  it('fails likewise when it is a pooled resource that cannot be made', async () => {
    const { clock, fakes, config } = harness({ failCreate: (n) => n > 2 });
    const start = watch(createTaskManager(config({ workerCount: 2, resourcePoolSize: 1 })));
    await clock.advance(0);
    expect(isTaskerError(start.error, 'CREATE_FAILED')).toBe(true);
    expect([fakes.created, fakes.destroyed]).toEqual([2, 2]);
  });

  it('fails likewise when onCreate throws synchronously, even if what it throws is undefined', async () => {
    for (const thrown of [undefined, null, 'text', new Error('sync')]) {
      const { config } = harness();
      const onCreate = (): never => {
        throw thrown;
      };
      const error: unknown = await createTaskManager(config({ onCreate })).catch((error: unknown) => error);
      expect(isTaskerError(error, 'CREATE_FAILED')).toBe(true);
      expect((error as Error).cause).toBe(thrown);
    }
  });

  it('tries each first resource once: a start is not retried', async () => {
    const { clock, fakes, config } = harness({ failCreate: true });
    const start = watch(createTaskManager(config({ workerCount: 3, resourcePoolSize: 2 })));
    await clock.advance(60_000);
    expect([start.state, fakes.attempts]).toEqual(['rejected', 5]);
  });

  it('also destroys those that come up after the failure, before it rejects or, if they are slow, on arrival', async () => {
    const { clock, fakes, config } = harness({
      createDelay: (n) => [10, 100, 9_000][n - 1] ?? 0,
      failCreate: (n) => n === 1,
    });
    const start = watch(createTaskManager(config({ workerCount: 3, destroyTimeout: 1_000 })));
    await clock.advance(100);
    expect([start.state, fakes.created, fakes.destroyed]).toEqual(['pending', 1, 1]);
    await clock.advance(910);
    expect(isTaskerError(start.error, 'CREATE_FAILED')).toBe(true);
    await clock.advance(8_000);
    expect([fakes.created, fakes.destroyed, fakes.reasons.at(-1)]).toEqual([2, 2, 'late']);
  });

  it('tells creations still under way that the start has failed', async () => {
    const { clock, fakes, config } = harness({
      createDelay: (n) => n * 100,
      failCreate: (n) => n === 1,
      cooperative: true,
    });
    const start = watch(createTaskManager(config({ workerCount: 2 })));
    await clock.advance(100);
    expect([start.state, fakes.created, clock.pending]).toEqual(['rejected', 0, 0]);
  });

  it('rejects although destroying those already made hangs or fails', async () => {
    const hanging = harness({ createDelay: (n) => n, failCreate: (n) => n === 2, hangDestroy: true });
    const hung = watch(createTaskManager(hanging.config({ workerCount: 2, destroyTimeout: 700 })));
    await hanging.clock.advance(702);
    expect(isTaskerError(hung.error, 'CREATE_FAILED')).toBe(true);

    const failing = harness({ createDelay: (n) => n, failCreate: (n) => n === 2, failDestroy: true });
    const failed = watch(createTaskManager(failing.config({ workerCount: 2 })));
    await failing.clock.advance(2);
    expect(isTaskerError(failed.error, 'CREATE_FAILED')).toBe(true);
  });

  it('counts an onCreate that exceeds createTimeout as failed', async () => {
    const { clock, fakes, config } = harness({ hangCreate: (n) => n === 2 });
    const start = watch(createTaskManager(config({ workerCount: 2, createTimeout: 500 })));
    await clock.advance(499);
    expect(start.state).toBe('pending');
    await clock.advance(1);
    expect(isTaskerError(start.error, 'CREATE_FAILED')).toBe(true);
    expect(fakes.destroyed).toBe(1);
  });

  it('counts a resource that is invalidated before it comes up as failed, whichever is the last to come up', async () => {
    for (const stillborn of [1, 2]) {
      const { clock, fakes, config, adopt } = harness({ createDelay: (n) => n * 10 });
      let n = 0;
      const onCreate = (context: CreateContext) => {
        if (++n === stillborn) context.invalidate(new Error('the connection dropped in the handshake'));
        return fakes.onCreate(context);
      };
      const start = watch(createTaskManager(config({ workerCount: 2, onCreate })).then(adopt));
      await clock.advance(30);
      expect(isTaskerError(start.error, 'CREATE_FAILED'), `resource ${stillborn} of 2`).toBe(true);
    }
  });

  it('settles although a resource that had come up, and lived a while, dies before the last one is up', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: (n) => (n === 2 ? 3_000 : 0) });
    const contexts: CreateContext[] = [];
    const onCreate = (context: CreateContext) => {
      contexts.push(context);
      return fakes.onCreate(context);
    };
    const start = watch(createTaskManager(config({ workerCount: 2, onCreate })).then(adopt));
    await clock.advance(1_500);
    contexts[0]?.invalidate(new Error('idle connection closed by the server'));
    await clock.advance(60_000);
    expect(start.state).not.toBe('pending');
    if (start.value !== undefined) expect(start.value.stats()).toMatchObject({ baseWorkers: 2 });
  });

  it('tells onCreate what the resource is for', async () => {
    const { fakes, manage } = harness();
    const kinds: string[] = [];
    await manage({
      workerCount: 2,
      resourcePoolSize: 1,
      onCreate: (context) => {
        kinds.push(context.kind);
        return fakes.onCreate(context);
      },
    });
    expect(kinds.toSorted()).toEqual(['base', 'base', 'pool']);
  });

  it('gives the manager its clock, by which its tasks are stamped', async () => {
    const { clock, manage } = harness();
    const manager = await manage();
    await clock.advance(250);
    const queued: number[] = [];
    manager.on('queued', ({ task }) => queued.push(task.queuedAt));
    const now = manager.now();
    watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect([now, queued]).toEqual([clock.now(), [now]]);
  });

  it('gives the manager the name of the option, or one that no other has by default', async () => {
    const { manage } = harness();
    const names = [await manage({ name: 'images' }), await manage(), await manage()].map(({ name }) => name);
    expect(names[0]).toBe('images');
    expect(names.slice(1)).toEqual([expect.stringMatching(/^manager-\d+$/), expect.stringMatching(/^manager-\d+$/)]);
    expect(names[1]).not.toBe(names[2]);
  });
});
