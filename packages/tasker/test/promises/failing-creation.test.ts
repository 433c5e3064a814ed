import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCollector, isTaskerError } from '../../src/index.ts';
import type { CreateContext, TaskManager } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { makeSick } from '../support/failures.ts';
import { harness, start, watch } from '../support/harness.ts';
import type { Harness } from '../support/harness.ts';

afterEach(() => void vi.restoreAllMocks());

/** Times of the attempts to create, from the moment it was made. */
function stopwatch({ clock, fakes }: Harness) {
  const log: number[] = [];
  const began = clock.now();
  const onCreate = (context: CreateContext): Promise<FakeResource> => {
    log.push(clock.now() - began);
    return fakes.onCreate(context);
  };
  return { log, onCreate };
}

describe('a failing onCreate', () => {
  it('never spins: it backs off as createBackoff says, which is told the failures in a row', async () => {
    const all = harness({ failCreate: (n) => n > 1 && n <= 6 });
    const { log, onCreate } = stopwatch(all);
    const asked: number[] = [];
    const manager = await all.manage({
      onCreate,
      checkHealth: () => false,
      createBackoff: (failures) => (asked.push(failures), failures * 100),
    });
    makeSick(manager);
    await all.clock.advance(10_000);
    expect(asked).toEqual([1, 2, 3, 4, 5]);
    expect(log).toEqual([0, 0, 100, 300, 600, 1_000, 1_500]);
    expect(manager.stats().baseWorkers).toBe(1);
  });

  it('backs off by default with full jitter from 100 ms doubling to 5 s', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999999);
    const all = harness({ failCreate: (n) => n > 1 && n < 12 });
    const { log, onCreate } = stopwatch(all);
    const manager = await all.manage({ onCreate, checkHealth: () => false });
    makeSick(manager);
    await all.clock.advance(60_000);
    const waits = log.slice(2).map((at, i) => Math.round(at - (log[i + 1] as number)));
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000]);
  });

  it('never spins although createBackoff is always 0: the event loop goes on', async () => {
    const { fakes, config, adopt, clock } = harness();
    const { createTaskManager } = await import('../../src/index.ts');
    let attempts = 0;
    const manager = adopt(
      await createTaskManager(
        config({
          checkHealth: () => false,
          createBackoff: () => 0,
          onCreate: (context) => {
            if (++attempts > 1 && attempts < 2_000) throw new Error('refused');
            return fakes.onCreate(context);
          },
        }),
      ),
    );
    makeSick(manager);
    await new Promise((resolve) => setImmediate(resolve));
    expect(attempts).toBeLessThan(2_000);
    await clock.advance(60_000);
    expect(manager.stats().baseWorkers).toBe(1);
  });

  it('never kills the worker: the number comes back when it works again, however long that takes', async () => {
    let isDown = false;
    const { manager, clock } = await start({
      fakes: { failCreate: () => isDown, createDelay: 5 },
      workerCount: 3,
      resourcePoolSize: 2,
      checkHealth: () => false,
    });
    isDown = true;
    for (let i = 0; i < 3; i++) makeSick(manager);
    for (let i = 0; i < 2; i++) {
      watch(
        manager.runTask(() => {
          throw new Error('sick');
        }),
      );
    }
    await clock.advance(3_600_000);
    expect(manager.stats()).toMatchObject({ activeWorkers: 0, availableResources: 0 });
    isDown = false;
    await clock.advance(10_000);
    expect(manager.stats()).toMatchObject({ baseWorkers: 3, availableResources: 2 });
  });

  it('is waited for, as by clock.runAll(), while a task needs a worker, and not otherwise', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => n === 2 || n === 3 },
      maxWorkerCount: 1,
      checkHealth: () => false,
      createBackoff: () => 1_000,
    });
    makeSick(manager);
    await clock.runAll();
    expect(clock.now()).toBe(0);
    const controller = new AbortController();
    const cancelled = watch(manager.queueTask(() => 'cancelled', { signal: controller.signal }));
    await clock.advance(0);
    controller.abort();
    await clock.runAll();
    expect([cancelled.state, clock.now()]).toEqual(['rejected', 0]);
    const task = watch(manager.queueTask(() => 'done'));
    await clock.runAll();
    expect([task.value, clock.now()]).toEqual(['done', 2_000]);
  });

  it('is tried one probe at a time, once several in a row have failed', async () => {
    let isDown = false;
    const { clock, fakes, manage } = harness({ failCreate: () => isDown, createDelay: 700 });
    let inFlight = 0;
    let peak = 0;
    const manager = await manage({
      workerCount: 5,
      resourcePoolSize: 5,
      checkHealth: () => false,
      createBackoff: () => 10,
      onCreate: async (context) => {
        peak = Math.max(peak, ++inFlight);
        try {
          return await fakes.onCreate(context);
        } finally {
          inFlight--;
        }
      },
    });
    isDown = true;
    for (let i = 0; i < 5; i++) makeSick(manager);
    await clock.advance(800); // five side by side, all failed: the circuit is open
    peak = 0;
    const before = fakes.attempts;
    await clock.advance(7_100);
    expect(peak).toBe(1);
    expect(fakes.attempts - before).toBe(10);
    isDown = false;
    await clock.advance(3_000);
    expect(manager.stats().baseWorkers).toBe(5);
  });

  it('of burst workers neither spins nor disturbs the workers there are', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: (n) => n > 1 },
      maxWorkerCount: 10,
      targetWait: 0,
    });
    const all = Array.from({ length: 100 }, () => watch(manager.queueTask((resource) => resource.work(100))));
    await clock.advance(10_000);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(fakes.attempts).toBeLessThan(30);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, burstWorkers: 0 });
  });

  it('of pooled resources neither spins nor disturbs runTask, which makes temporary ones', async () => {
    let isDown = false;
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: () => isDown },
      resourcePoolSize: 1,
      checkHealth: () => false,
    });
    isDown = true;
    watch(
      manager.runTask(() => {
        throw new Error('sick');
      }),
    );
    await clock.advance(2_000);
    isDown = false;
    const attempts = fakes.attempts;
    const direct = watch(manager.runTask((resource) => resource.id));
    await clock.advance(0);
    expect([direct.value, fakes.attempts]).toEqual([attempts + 1, attempts + 1]);
    await clock.advance(10_000);
    expect(manager.stats().availableResources).toBe(1);
  });

  it('counts in totalCreateFailures and is told to listeners of createFailed', async () => {
    const cause = new Error('refused');
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n === 2 || n === 3 ? cause : undefined) },
      checkHealth: () => false,
    });
    const heard: unknown[] = [];
    manager.on('createFailed', (event) => void heard.push(event));
    makeSick(manager);
    await clock.advance(10_000);
    expect(heard).toEqual([
      { kind: 'base', error: cause },
      { kind: 'base', error: cause },
    ]);
    expect(manager.metrics()).toMatchObject({ totalCreateFailures: 2, totalResourcesCreated: 2 });
  });
});

describe('queued tasks while creations fail', () => {
  const cause = new Error('connection refused');

  it('wait while any worker lives', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n > 2 ? cause : undefined) },
      workerCount: 2,
      checkHealth: () => false,
      createBackoff: () => 10,
    });
    const gate = deferred<void>();
    const busy = watch(manager.queueTask(() => gate.promise));
    makeSick(manager);
    const waiting = watch(manager.queueTask(() => 'done'));
    await clock.advance(60_000);
    expect(waiting.state).toBe('pending');
    gate.resolve();
    await clock.advance(0);
    expect([busy.state, waiting.value]).toEqual(['fulfilled', 'done']);
  });

  it('reject with CREATE_FAILED and the cause when none is left nor being made and a probe fails, instead of hanging', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n > 1 ? cause : undefined) },
      checkHealth: () => false,
      createBackoff: () => 100,
    });
    makeSick(manager);
    await clock.advance(0);
    const all = [
      watch(manager.queueTask(() => 'done')),
      watch(manager.queueTaskWithPriority(() => 'done')),
      watch(manager.queueTaskOnce(() => 'done')),
    ];
    await clock.advance(299); // attempts at 0, 100, 200: three failures open the circuit
    expect(all.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    await clock.advance(1); // the probe
    for (const { error } of all) {
      expect(isTaskerError(error, 'CREATE_FAILED')).toBe(true);
      expect((error as Error).cause).toBe(cause);
    }
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 0 });
    expect(manager.metrics()).toMatchObject({ totalTasksFailed: 4, totalTasksCancelled: 0 });
  });

  it('reject with the reason of their signal if a collector aborts it when it is told of another', async () => {
    const collector = createCollector();
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n > 1 ? cause : undefined) },
      collector,
      checkHealth: () => false,
      createBackoff: () => 100,
    });
    makeSick(manager);
    await clock.advance(0);
    const controller = new AbortController();
    collector.recordFailure = () => controller.abort('not needed');
    const all = [{}, { signal: controller.signal }, {}].map((options) => watch(manager.queueTask(() => 1, options)));
    await clock.advance(300);
    expect(all.map(({ error }) => (error as { code?: string }).code ?? error)).toEqual([
      'CREATE_FAILED',
      'not needed',
      'CREATE_FAILED',
    ]);
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 0 });
  });

  it('reject likewise if they are retries, also those whose backoff ends later', async () => {
    let isDown = false;
    const { manager, clock } = await start({
      fakes: { failCreate: () => (isDown ? cause : undefined) },
      checkHealth: () => ({ resource: 'replace', task: 'retry', after: 1_000 }),
      createBackoff: () => 100,
    });
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        isDown = true;
        if (attempt === 1) throw new Error('sick');
      }),
    );
    await clock.advance(2_000);
    expect(isTaskerError(outcome.error, 'CREATE_FAILED')).toBe(true);
  });

  it('submitted meanwhile wait for the next probe: it may fail them', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: (n) => (n > 1 ? cause : undefined) },
      checkHealth: () => false,
      createBackoff: () => 1_000,
    });
    makeSick(manager);
    await clock.advance(5_500);
    const attempts = fakes.attempts;
    const late = watch(manager.queueTask(() => 'done'));
    await clock.advance(499);
    expect([late.state, fakes.attempts]).toEqual(['pending', attempts]);
    await clock.advance(1);
    expect([isTaskerError(late.error, 'CREATE_FAILED'), fakes.attempts]).toEqual([true, attempts + 1]);
  });

  it('submitted meanwhile wait for the next probe: it may bring a worker', async () => {
    let isDown = false;
    const { manager, clock } = await start({
      fakes: { failCreate: () => (isDown ? cause : undefined) },
      checkHealth: () => false,
      createBackoff: () => 1_000,
    });
    isDown = true;
    makeSick(manager);
    await clock.advance(5_500);
    isDown = false;
    const late = watch(manager.queueTask(() => 'done'));
    await clock.advance(500);
    expect(late.value).toBe('done');
  });

  it('wait while a creation is under way, whose end decides', async () => {
    const { manager, clock } = await start({
      fakes: {
        failCreate: (n) => (n > 2 && n < 9 ? cause : undefined),
        createDelay: (n) => (n === 3 ? 5_000 : 0),
      },
      workerCount: 2,
      checkHealth: () => false,
      createBackoff: () => 100,
    });
    makeSick(manager);
    makeSick(manager);
    const waiting = watch(manager.queueTask(() => 'done'));
    await clock.advance(4_999);
    expect(waiting.state).not.toBe('rejected');
    await clock.advance(10_000);
    expect(waiting.state).not.toBe('pending');
  });

  it('keep their deadline and can be cancelled all the while', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n > 1 ? cause : undefined) },
      checkHealth: () => false,
      createBackoff: () => 10_000,
    });
    makeSick(manager);
    await clock.advance(0);
    const controller = new AbortController();
    const cancelled = watch(manager.queueTask(() => 1, { signal: controller.signal }));
    const late = watch(manager.queueTask(() => 1, { deadline: 50 }));
    const impatient = watch(manager.queueTask(() => 1, { queueTimeout: 50 }));
    controller.abort('enough');
    await clock.advance(50);
    expect(cancelled.error).toBe('enough');
    expect(isTaskerError(late.error, 'DEADLINE')).toBe(true);
    expect(isTaskerError(impatient.error, 'QUEUE_TIMEOUT')).toBe(true);
  });

  it('do not hang a stop(), which ends although nothing can be made', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n > 1 ? cause : undefined) },
      checkHealth: () => false,
    });
    makeSick(manager);
    const waiting = watch(manager.queueTask(() => 'done'));
    const stopped = watch(manager.stop());
    await clock.advance(60_000);
    expect(isTaskerError(waiting.error, 'CREATE_FAILED')).toBe(true);
    expect(stopped.value).toMatchObject({ failed: 2 });
  });

  it('of runTask wait on while a pooled resource lives, and get it', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => n > 3 },
      resourcePoolSize: 2,
      maxTemporaryResources: 0,
      createBackoff: () => 10,
      checkHealth: () => false,
    });
    const long = watch(manager.runTask((resource) => resource.work(1_000)));
    watch(manager.runTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(0);
    const waiting = watch(manager.runTask(() => 'got it'));
    await clock.advance(999); // many probes have failed meanwhile
    expect([long.state, waiting.state]).toEqual(['pending', 'pending']);
    await clock.advance(1);
    expect([long.state, waiting.value]).toEqual(['fulfilled', 'got it']);
  });
});

describe('what counts as a failed creation', () => {
  it('is a hook that exceeds createTimeout, 30 s unless told otherwise; its signal aborts', async () => {
    for (const [createTimeout, expected] of [
      [undefined, 30_000],
      [2_000, 2_000],
    ] as const) {
      const { clock, fakes, manage } = harness({ hangCreate: (n) => n === 2 });
      const signals: AbortSignal[] = [];
      const manager = await manage({
        checkHealth: () => false,
        ...(createTimeout !== undefined && { createTimeout }),
        createBackoff: () => 100,
        onCreate: (context) => {
          signals.push(context.signal);
          return fakes.onCreate(context);
        },
      });
      makeSick(manager);
      await clock.advance(expected - 1);
      expect([signals[1]?.aborted, manager.stats().startingWorkers]).toEqual([false, 1]);
      await clock.advance(1);
      expect([signals[1]?.aborted, fakes.attempts, manager.metrics().totalCreateFailures]).toEqual([true, 2, 1]);
      await clock.advance(100);
      expect([fakes.attempts, manager.stats().baseWorkers]).toEqual([3, 1]);
    }
  });

  it('is told no abort if it has failed by itself: there is nothing more to give up', async () => {
    const { clock, fakes, manage } = harness({ failCreate: (n) => n === 2 });
    const signals: AbortSignal[] = [];
    const manager = await manage({
      onCreate: (context) => {
        signals.push(context.signal);
        return fakes.onCreate(context);
      },
    });
    const outcome = watch(manager.runTask(() => 1));
    await clock.advance(0);
    expect([isTaskerError(outcome.error, 'CREATE_FAILED'), signals[1]?.aborted]).toEqual([true, false]);
  });

  it('is one that came too late, even if it brings a resource: that is destroyed on arrival', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n === 2 ? 5_000 : 0) },
      checkHealth: () => false,
      createTimeout: 1_000,
      createBackoff: () => 100,
    });
    makeSick(manager);
    await clock.advance(6_000);
    expect([fakes.created, fakes.reasons]).toEqual([3, ['sick', 'late']]);
    expect(manager.stats()).toMatchObject({ baseWorkers: 1, activeWorkers: 1 });
  });

  it('is a resource that is invalidated unused within 1 s of its creation: it never spins either', async () => {
    const { clock, fakes, manage } = harness();
    const manager = await manage({
      checkHealth: () => false,
      createBackoff: () => 1_000,
      onCreate: async (context) => {
        const resource = await fakes.onCreate(context);
        if (resource.id > 1) queueMicrotask(() => queueMicrotask(() => context.invalidate(new Error('reset'))));
        return resource;
      },
    });
    makeSick(manager);
    await clock.advance(10_500);
    expect(fakes.created).toBe(12);
  });

  it('is one of the pool that is invalidated unused: neither does that spin', async () => {
    const { clock, fakes, manage } = harness();
    let isBad = false;
    const manager = await manage({
      resourcePoolSize: 1,
      createBackoff: () => 1_000,
      onCreate: (context) => {
        if (isBad) clock.setTimeout(() => context.invalidate(), 1);
        return fakes.onCreate(context);
      },
      checkHealth: () => false,
    });
    isBad = true;
    watch(manager.runTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(10_000);
    expect(fakes.attempts).toBeLessThan(15);
    expect(fakes.attempts).toBeGreaterThan(5);
    isBad = false;
    await clock.advance(2_000);
    expect(manager.stats().availableResources).toBe(1);
  });

  it('is a resource that was invalidated before it came up', async () => {
    const { clock, fakes, manage } = harness();
    const manager = await manage({
      checkHealth: () => false,
      createBackoff: () => 1_000,
      onCreate: (context) => {
        if (fakes.attempts > 0) context.invalidate();
        return fakes.onCreate(context);
      },
    });
    makeSick(manager);
    const waiting = watch(manager.queueTask(() => 'used a dead one'));
    await clock.advance(10_500);
    expect(fakes.created).toBe(12);
    expect(isTaskerError(waiting.error, 'CREATE_FAILED')).toBe(true);
  });

  it('is not a resource that dies unused after 1 s: it is replaced at once', async () => {
    const { clock, fakes, manage } = harness();
    const contexts: CreateContext[] = [];
    await manage({
      createBackoff: () => 60_000,
      onCreate: (context) => {
        contexts.push(context);
        return fakes.onCreate(context);
      },
    });
    for (let i = 0; i < 20; i++) {
      await clock.advance(1_000);
      contexts.at(-1)?.invalidate();
      await clock.advance(0);
      expect(fakes.created).toBe(i + 2);
    }
  });

  it('is not a resource that dies after it was used, however young: it is replaced at once', async () => {
    const { manager, clock, fakes } = await start({ checkHealth: () => false, createBackoff: () => 60_000 });
    for (let i = 0; i < 20; i++) {
      makeSick(manager);
      await clock.advance(0);
    }
    expect(fakes.created).toBe(21);
  });
});

/** Lets two creations fail, one succeed, and then, after `between`, kills that one and lets the next fail. */
async function backoffs(between: (manager: TaskManager<FakeResource>, all: Harness) => Promise<void>) {
  const all = harness({ failCreate: (n) => n === 2 || n === 3 || n === 5 });
  const asked: number[] = [];
  let last: CreateContext | undefined;
  const manager = await all.manage({
    checkHealth: () => false,
    createBackoff: (failures) => (asked.push(failures), 10),
    onCreate: (context) => {
      last = context;
      return all.fakes.onCreate(context);
    },
  });
  makeSick(manager);
  await all.clock.advance(20);
  expect([asked, manager.stats().baseWorkers]).toEqual([[1, 2], 1]);
  await between(manager, all);
  last?.invalidate();
  await all.clock.advance(10_000);
  expect(manager.stats().baseWorkers).toBe(1);
  return asked.slice(2);
}

describe('failures are forgotten', () => {
  it('once a new resource was used', async () => {
    expect(await backoffs((manager) => manager.queueTask(() => {}))).toEqual([1]);
  });

  it('once a new resource has lived 1 s', async () => {
    expect(await backoffs((_, { clock }) => clock.advance(1_000))).toEqual([1]);
  });

  it('but not before: one that died sooner and unused is the third failure in a row', async () => {
    expect(await backoffs((_, { clock }) => clock.advance(999))).toEqual([3, 4]);
  });

  it('but not by the first use of a resource that was made before the failures', async () => {
    let isDown = false;
    const asked: number[] = [];
    const { manager, clock } = await start({
      fakes: { failCreate: () => isDown },
      resourcePoolSize: 3,
      checkHealth: () => false,
      createBackoff: (failures) => (asked.push(failures), 1_000),
    });
    isDown = true;
    makeSick(manager);
    await clock.advance(2_500);
    expect(asked).toEqual([1, 2, 3]);
    // pooled resources that were up before the outage are used for the first time
    const held = [1, 2, 3].map(() => watch(manager.runTask((resource) => resource.work(5_000))));
    await clock.advance(2_000);
    expect(asked).toEqual([1, 2, 3, 4, 5]);
    isDown = false;
    await clock.advance(60_000);
    expect(held.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('a temporary creation of runTask', () => {
  it('is tried once, at once: it rejects with CREATE_FAILED and the cause', async () => {
    const cause = new Error('refused');
    const { manager, clock, fakes } = await start({ fakes: { failCreate: (n) => (n > 1 ? cause : undefined) } });
    const outcome = watch(manager.runTask(() => 'done'));
    await clock.advance(0);
    expect(isTaskerError(outcome.error, 'CREATE_FAILED')).toBe(true);
    expect((outcome.error as Error).cause).toBe(cause);
    await clock.advance(60_000);
    expect(fakes.attempts).toBe(2);
  });

  it('is tried at once even while creations back off or probe', async () => {
    let isDown = false;
    const { manager, clock, fakes } = await start({
      fakes: { failCreate: () => isDown },
      checkHealth: () => false,
      createBackoff: () => 60_000,
    });
    isDown = true;
    makeSick(manager);
    await clock.advance(1_000);
    const attempts = fakes.attempts;
    const refused = watch(manager.runTask(() => 'done'));
    await clock.advance(0);
    expect([isTaskerError(refused.error, 'CREATE_FAILED'), fakes.attempts]).toEqual([true, attempts + 1]);
    isDown = false;
    const accepted = watch(manager.runTask(() => 'done'));
    await clock.advance(0);
    expect(accepted.value).toBe('done');
    await clock.advance(60_000);
  });

  it('fails when it takes longer than createTimeout', async () => {
    const { manager, clock } = await start({ fakes: { hangCreate: (n) => n === 2 }, createTimeout: 500 });
    const outcome = watch(manager.runTask(() => 'done'));
    await clock.advance(499);
    expect(outcome.state).toBe('pending');
    await clock.advance(1);
    expect(isTaskerError(outcome.error, 'CREATE_FAILED')).toBe(true);
    expect(manager.stats().temporaryResources).toBe(0);
  });

  it('fails when what it brings was invalidated before its use', async () => {
    const { clock, fakes, manage } = harness();
    const manager = await manage({
      onCreate: (context) => {
        if (context.kind === 'temporary') context.invalidate();
        return fakes.onCreate(context);
      },
    });
    const outcome = watch(manager.runTask(() => 'used a dead one'));
    await clock.advance(0);
    expect(isTaskerError(outcome.error, 'CREATE_FAILED')).toBe(true);
    expect(outcome.error).toMatchObject({ message: expect.stringContaining('died before its first use') });
  });
});
