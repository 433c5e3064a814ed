import { AsyncLocalStorage } from 'node:async_hooks';
import { createTaskManager } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { code, start, watch } from '../support/harness.ts';

/** Failures that the Go original and comparable libraries show when they are run, each shown not to be ours. */

describe('concurrency', () => {
  it('is not exceeded although tasks time out and ignore their signal (p-queue: 4 run at once, bottleneck: 3)', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 1 });
    let running = 0;
    let most = 0;
    const tasks = Array.from({ length: 4 }, () =>
      watch(
        manager.queueTask(
          async (resource) => {
            most = Math.max(most, ++running);
            await resource.work(100);
            running--;
          },
          { timeout: 20 },
        ),
      ),
    );
    await clock.runAll();
    expect([most, running]).toEqual([1, 0]);
    expect(tasks.map((task) => code(task))).toEqual(['TIMEOUT', 'TIMEOUT', 'TIMEOUT', 'TIMEOUT']);
  });
});

describe('a create() that rejects', () => {
  it('is not called thousands of times without pause (generic-pool: 20,001 calls in 128 ms)', async () => {
    const { manager, clock, fakes } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      fakes: { failCreate: (n) => n > 1 },
    });
    watch(manager.queueTask(() => Promise.reject(SICK)));
    await clock.advance(10_000);
    expect(fakes.attempts).toBeLessThanOrEqual(50);
  });

  it('does not leave its callers without an answer (generic-pool: acquire never rejects by itself)', async () => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      fakes: { failCreate: (n) => n > 1 },
    });
    const tasks = [
      manager.queueTask(() => Promise.reject(SICK)),
      manager.queueTask(() => 1),
      manager.runTask(() => 1),
    ].map((task) => watch(task));
    await clock.advance(60_000);
    expect(tasks.map((task) => code(task))).toEqual(['CREATE_FAILED', 'CREATE_FAILED', 'CREATE_FAILED']);
    expect(tasks.map(({ error }) => ((error as Error).cause as Error).message)).toEqual(
      tasks.map(() => expect.stringMatching(/^creation \d+ failed$/)),
    );
  });

  it('is forgotten when it works again', async () => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      fakes: { failCreate: (n) => n > 1 && n < 8 },
    });
    watch(manager.queueTask(() => Promise.reject(SICK)));
    await clock.advance(60_000);
    const task = watch(manager.queueTask((resource) => resource.use(() => 'works')));
    await clock.advance(0);
    expect(task.value).toBe('works');
  });
});

describe('a create() that hangs', () => {
  it('gives its capacity back (generic-pool, lightning-pool: lost for good)', async () => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      createTimeout: 1_000,
      fakes: { hangCreate: (n) => n === 2 || n === 3 },
    });
    const tasks = [
      manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : 'first')),
      manager.queueTask(() => 'second'),
    ].map((task) => watch(task));
    await clock.advance(60_000);
    expect(tasks.map(({ value }) => value)).toEqual(['first', 'second']);
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, startingWorkers: 0 });
  });

  it('does so in the pool of runTask, too', async () => {
    const { manager, clock } = await start({
      resourcePoolSize: 1,
      maxTemporaryResources: 1,
      createTimeout: 1_000,
      fakes: { hangCreate: (n) => n === 3 },
    });
    watch(manager.runTask((resource) => resource.work(5_000)));
    const hanging = watch(manager.runTask(() => 1));
    const waiting = watch(manager.runTask((resource) => resource.use(() => 'ran')));
    await clock.advance(1_000);
    expect([code(hanging), waiting.value]).toEqual(['CREATE_FAILED', 'ran']);
  });
});

describe('a shutdown', () => {
  it('ends although one resource is never released (generic-pool drain(), tarn destroy(): pend for ever)', async () => {
    const { manager, clock, settle, fakes } = await start({ workerCount: 2 });
    const task = watch(manager.queueTask(() => new Promise(() => {})));
    await settle();
    const stopping = watch(manager.stop({ timeout: 1_000 }));
    await clock.advance(1_000);
    expect([code(task), stopping.state, fakes.destroyed]).toEqual(['KILLED', 'fulfilled', 2]);
  });

  it('ends although one lease is never released', async () => {
    const { manager, clock, settle, fakes } = await start({ workerCount: 2 });
    const leasing = watch(manager.lease());
    await settle();
    const stopping = watch(manager.stop({ timeout: 1_000 }));
    await clock.advance(999);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect([stopping.state, fakes.destroyed, leasing.value?.signal.aborted]).toEqual(['fulfilled', 2, true]);
    expect(stopping.value?.abandoned).toHaveLength(1);
    await leasing.value?.release();
  });

  it('by kill() settles what is queued (fastq, async: never; the Go original: queued callers wait for ever)', async () => {
    const { manager, settle, work } = await start();
    const tasks = Array.from({ length: 1_000 }, () => watch(manager.queueTask(work(10))));
    await settle();
    await manager.kill();
    expect(new Set(tasks.map((task) => code(task)))).toEqual(new Set(['KILLED']));
  });

  it('by kill() does not wait for running tasks (the Go original does)', async () => {
    const { manager, settle, work, clock } = await start();
    watch(manager.queueTask(work(60_000)));
    await settle();
    const report = await manager.kill();
    expect([report.durationMs, clock.now()]).toEqual([0, 0]);
  });

  it('by stop() settles what is queued (puppeteer-cluster close(): never)', async () => {
    const { manager, clock, work } = await start({ maxWorkerCount: 1 });
    const tasks = Array.from({ length: 100 }, () => watch(manager.queueTask(work(10))));
    watch(manager.stop());
    await clock.runAll();
    expect(tasks.every(({ state }) => state === 'fulfilled')).toBe(true);
  });
});

describe('a use that breaks the resource', () => {
  it('does not hand it to the next user (Effect Pool, after ECONNRESET)', async () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: (error) => (error as { code?: string }).code !== 'ECONNRESET',
    });
    const first = watch(manager.queueTaskOnce(() => Promise.reject(reset)));
    const second = watch(manager.queueTask((resource) => resource.id));
    await clock.runAll();
    expect([first.error, second.value]).toEqual([reset, 2]);
  });
});

describe('a queued item that is aborted', () => {
  it('rejects at once, not when its turn would come (cockatiel: 300 ms instead of 10)', async () => {
    const { manager, clock, work } = await start();
    const controller = new AbortController();
    watch(manager.queueTask(work(300)));
    const task = watch(manager.queueTask(work(1), { signal: controller.signal }));
    await clock.advance(10);
    controller.abort();
    await clock.advance(0);
    expect([task.state, clock.now(), manager.stats().queuedTasks]).toEqual(['rejected', 10, 0]);
  });
});

describe('AsyncLocalStorage', () => {
  const storage = new AsyncLocalStorage<number>();

  it('seen by queued tasks is that of their submitters (p-queue 9, fastq, async, bottleneck, cockatiel: the first one’s)', async () => {
    const { manager, clock } = await start();
    const seen: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      storage.run(i, () =>
        watch(
          manager.queueTask(async (resource) => {
            await resource.work(5);
            seen.push(storage.getStore());
          }),
        ),
      );
    }
    await clock.runAll();
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('seen by create() is not that of whichever request triggered it (generic-pool, tarn, lightning-pool)', async () => {
    const clock = new VirtualClock();
    const seen: (number | undefined)[] = [];
    const manager = await createTaskManager({
      workerCount: 1,
      maxWorkerCount: 5,
      resourcePoolSize: 0,
      targetWait: 0,
      clock,
      onCreate: () => seen.push(storage.getStore()),
      onDestroy: () => {},
    });
    storage.run(7, () => {
      for (let i = 0; i < 5; i++) watch(manager.queueTask(() => new Promise(() => {})));
      watch(manager.runTask(() => 1));
    });
    await clock.advance(10);
    expect(seen).toEqual(Array(6).fill(undefined));
    await manager.kill();
    await clock.runAll();
  });
});

describe('many callers at once', () => {
  it('are all answered (the Go original: of 100,000 concurrent callers one waits for ever)', async () => {
    const { manager, settle } = await start({ workerCount: 4, maxWorkerCount: 8 });
    const answers: number[] = [];
    for (let i = 0; i < 100_000; i++) void manager.queueTask(async () => i).then((value) => answers.push(value));
    await settle();
    const expected = Array.from({ length: 100_000 }, (_, i) => i);
    expect(answers.toSorted((a, b) => a - b)).toEqual(expected);
  });
});

describe('unhealthy workers', () => {
  it('are replaced (the Go original: after workerCount of them the manager is dead)', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 4, checkHealth: sickIfSo });
    for (let i = 0; i < 10; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    await clock.advance(1_000);
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, queuedTasks: 0 });
    const task = watch(manager.queueTask((resource) => resource.use(() => 'alive')));
    await clock.advance(0);
    expect([task.value, fakes.reasons.filter((reason) => reason === 'sick').length]).toEqual(['alive', 10]);
  });
});

describe('priority', () => {
  it('is strict (the Go original picks at random between its two queues)', async () => {
    const { manager, settle, clock } = await start();
    const end = deferred<void>();
    const log: string[] = [];
    watch(manager.queueTask(() => end.promise));
    await settle();
    for (let i = 0; i < 200; i++) {
      watch(manager.queueTask(() => log.push('main')));
      watch(manager.queueTaskWithPriority(() => log.push('priority')));
    }
    end.resolve();
    await clock.runAll();
    expect(log).toEqual([...Array<string>(200).fill('priority'), ...Array<string>(200).fill('main')]);
  });
});

describe('scaling', () => {
  it('comes down again (the Go original never does)', async () => {
    const { manager, clock, work } = await start({ maxWorkerCount: 8, targetWait: 0 });
    for (let i = 0; i < 100; i++) watch(manager.queueTask(work(10)));
    await clock.advance(20);
    expect(manager.stats().activeWorkers).toBe(8);
    await clock.advance(5_000);
    expect(manager.stats().activeWorkers).toBe(1);
  });

  it('stays within its limit (the Go original: 69 resources with a limit of 8)', async () => {
    const { manager, clock, work, fakes } = await start({
      workerCount: 4,
      maxWorkerCount: 8,
      targetWait: 0,
      fakes: { createDelay: 3_000, destroyDelay: 1_000 },
    });
    for (let i = 0; i < 500; i++) watch(manager.queueTask(work(200)));
    await clock.advance(60_000);
    expect(fakes.peak).toBe(8);
  });

  it('does not stall when all workers are dead (the Go original does, for ever)', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3, checkHealth: sickIfSo });
    for (let i = 0; i < 3; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    const later = watch(manager.queueTask(() => 'ran'));
    await clock.advance(10);
    expect(later.value).toBe('ran');
  });

  it('survives an outage of onCreate of 5 s without a storm (the Go original: 714 attempts)', async () => {
    let isDown = false;
    const { manager, clock, work, fakes } = await start({
      workerCount: 4,
      maxWorkerCount: 8,
      checkHealth: sickIfSo,
      fakes: { failCreate: () => isDown },
    });
    isDown = true;
    for (let i = 0; i < 4; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    const tasks = Array.from({ length: 20 }, () => watch(manager.queueTask(work(10))));
    await clock.advance(5_000);
    expect(fakes.attempts - 4).toBeLessThanOrEqual(70);
    isDown = false;
    await clock.advance(10_000);
    expect(manager.stats().baseWorkers).toBe(4);
    expect(tasks.every(({ state }) => state !== 'pending')).toBe(true);
  });
});

describe('back-pressure', () => {
  it('several map() at once wait for room instead of being refused', async () => {
    const { manager, clock, work } = await start({ maxWorkerCount: 1, maxQueueSize: 1 });
    const drain = async (): Promise<number> => {
      let count = 0;
      const results = manager.map(Array.from({ length: 20 }), (_, resource) => work(5)(resource), { concurrency: 3 });
      for await (const _ of results) count++;
      return count;
    };
    const drains = [1, 2, 3].map(() => watch(drain()));
    await clock.runAll();
    expect(drains.map(({ value, error }) => value ?? error)).toEqual([20, 20, 20]);
  });
});

describe('a retry', () => {
  it('holds no worker while it waits (bottleneck holds a slot)', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10_000 }) });
    watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : attempt)));
    const next = watch(manager.queueTask(() => 'ran meanwhile'));
    await clock.advance(0);
    expect(next.value).toBe('ran meanwhile');
  });
});

describe('resources', () => {
  it('are not lost when validate() rejects (generic-pool: unhandled rejection, acquire pends, the slot is lost)', async () => {
    let isBroken = true;
    const { manager, clock, fakes } = await start({
      maxWorkerCount: 1,
      validateAfter: 0,
      validate: async () => {
        if (isBroken) throw new Error('validation failed');
        return true;
      },
    });
    await clock.advance(2_000);
    const task = watch(manager.queueTask((resource) => resource.use(() => 'ran')));
    await clock.advance(10);
    isBroken = false;
    await clock.advance(10_000);
    expect([task.value, fakes.reasons[0], manager.stats().activeWorkers]).toEqual(['ran', 'invalid', 1]);
  });

  it('are not lost when validate() hangs (generic-pool, lightning-pool: the capacity is lost for good)', async () => {
    let calls = 0;
    const { manager, clock, fakes } = await start({
      maxWorkerCount: 1,
      validateAfter: 0,
      validateTimeout: 100,
      validate: () => (calls++ === 0 ? new Promise(() => {}) : true),
    });
    await clock.advance(2_000);
    const task = watch(manager.queueTask((resource) => resource.use(() => 'ran')));
    await clock.advance(10_100);
    expect([task.value, fakes.reasons, manager.stats().activeWorkers]).toEqual(['ran', ['invalid'], 1]);
  });

  it('are not lost with a validate-like check that fails: a stillborn resource is replaced', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock });
    let n = 0;
    const starting = createTaskManager({
      workerCount: 1,
      resourcePoolSize: 0,
      clock,
      checkHealth: sickIfSo,
      onDestroy: fakes.onDestroy,
      onCreate: async (context) => {
        if (++n === 2) context.invalidate('dead on arrival');
        return fakes.onCreate(context);
      },
    });
    await clock.runAll();
    const manager = await starting;
    const first = watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    const task = watch(manager.queueTask((resource) => resource.id));
    await clock.advance(10_000);
    expect([first.error, task.value, fakes.violations]).toEqual([SICK, 3, []]);
    await manager.stop();
  });
});
