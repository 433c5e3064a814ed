import { describe, expect, it } from 'vitest';
import { createCollector, isTaskerError } from '../../src/index.ts';
import type {
  Logger,
  MetricsCollector,
  ScaleInput,
  TaskContext,
  TaskManager,
  TaskManagerConfig,
  Verdict,
} from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { fail, OWN } from '../support/failures.ts';
import { collecting } from '../support/collecting.ts';
import { harness, start, watch } from '../support/harness.ts';

const broken = new Error('the hook is broken');
const breakDown = (): never => {
  throw broken;
};

/** Async, although nobody waits for it: nothing in its type says so. */
const reject: () => unknown = () => Promise.reject(broken);

/** A logger that keeps what it is told at level error. */
function recordingLogger() {
  const lines: { message: string; error: unknown }[] = [];
  const error = (message: string, error: unknown): void => void lines.push({ message, error });
  return { lines, logger: { ...silentLogger, error } };
}

function hear(manager: TaskManager<FakeResource>): { source: string; error: unknown }[] {
  const heard: { source: string; error: unknown }[] = [];
  manager.on('error', ({ source, error }) => void heard.push({ source, error }));
  return heard;
}

describe('checkHealth may throw', () => {
  it('it is reported on the error event and the logger, and the task rejects with its own error', async () => {
    const { lines, logger } = recordingLogger();
    const { manager, clock, fakes } = await start({ resourcePoolSize: 1, logger, checkHealth: breakDown });
    const heard = hear(manager);
    const all = [watch(manager.queueTask(fail)), watch(manager.runTask(fail))];
    await clock.advance(0);
    expect(all.map(({ error }) => error)).toEqual([OWN, OWN]);
    expect(heard).toEqual([
      { source: 'checkHealth', error: broken },
      { source: 'checkHealth', error: broken },
    ]);
    expect(lines.map(({ error }) => error)).toEqual([broken, broken]);
    expect(lines[0]?.message).toContain('checkHealth');
    expect(fakes.destroyed).toBe(0);
  });

  it('what it returns is reported likewise if it is no verdict', async () => {
    const wrong: (() => unknown)[] = [
      () => 'yes',
      () => 1,
      () => 0,
      () => ({}),
      () => ({ resource: 'keep' }),
      () => ({ resource: 'drop', task: 'retry' }),
      () => ({ resource: 'keep', task: 'retry', overload: 'all' }),
      () => Promise.resolve(false),
      () => Promise.reject(new Error('async')),
    ];
    for (const verdict of wrong) {
      const { manager, clock } = await start({ checkHealth: verdict as () => Verdict });
      const heard = hear(manager);
      const outcome = watch(manager.queueTask(fail));
      await clock.advance(0);
      expect(outcome.error).toBe(OWN);
      expect(
        heard.map(({ source }) => source),
        String(verdict),
      ).toEqual(['checkHealth']);
    }
  });

  it('what it returns is reported likewise if that is nothing', async () => {
    for (const verdict of [undefined, null]) {
      const { manager, clock } = await start({ checkHealth: () => verdict as unknown as Verdict });
      const heard = hear(manager);
      const outcome = watch(manager.queueTask(fail));
      await clock.advance(0);
      expect([outcome.error, heard.map(({ source }) => source)]).toEqual([OWN, ['checkHealth']]);
    }
  });

  it('it may call the manager back: kill(), stop(), queueTask()', async () => {
    const { clock, manage } = harness();
    let manager: TaskManager<FakeResource> | undefined;
    const inner: { state: string }[] = [];
    const calls = [
      () => inner.push(watch<unknown>(manager?.queueTask(() => 'again') ?? Promise.resolve())),
      () => inner.push(watch<unknown>(manager?.stop() ?? Promise.resolve())),
      () => inner.push(watch<unknown>(manager?.kill() ?? Promise.resolve())),
    ];
    manager = await manage({
      checkHealth: () => {
        calls.shift()?.();
        return true;
      },
    });
    const all = [watch(manager.queueTask(fail)), watch(manager.queueTask(fail)), watch(manager.queueTask(fail))];
    await clock.advance(10_000);
    expect(all.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(inner.map(({ state }) => state)).not.toContain('pending');
    expect(inner).toHaveLength(3);
    expect(manager.stats().state).toBe('killed');
  });
});

describe('onDestroy may throw', () => {
  it('it is reported, the worker is replaced and the retry runs', async () => {
    const { lines, logger } = recordingLogger();
    const { manager, clock } = await start({
      fakes: { failDestroy: (n) => (n === 1 ? broken : undefined) },
      maxWorkerCount: 1,
      logger,
      checkHealth: () => false,
    });
    const heard = hear(manager);
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw OWN;
        return 'done';
      }),
    );
    await clock.advance(0);
    expect(outcome.value).toBe('done');
    expect(heard).toEqual([{ source: 'onDestroy', error: broken }]);
    expect(lines.map(({ error }) => error)).toEqual([broken]);
  });

  it('synchronously as well, and with anything, also undefined', async () => {
    for (const thrown of [broken, undefined, null, 'text']) {
      const { clock, fakes, manage } = harness();
      const manager = await manage({
        checkHealth: () => false,
        onDestroy: (resource, reason) => {
          watch(fakes.onDestroy(resource, reason));
          throw thrown;
        },
      });
      const heard = hear(manager);
      watch(manager.queueTaskOnce(fail));
      await clock.advance(0);
      expect([heard.map(({ source }) => source), manager.stats().baseWorkers]).toEqual([['onDestroy'], 1]);
    }
  });

  it('in a shutdown, which resolves all the same and reports it before `stopped`', async () => {
    const { manager, clock } = await start({ fakes: { failDestroy: true }, workerCount: 2, resourcePoolSize: 1 });
    const log: string[] = [];
    manager.on('error', ({ source }) => void log.push(source));
    manager.on('stopped', () => void log.push('stopped'));
    const stopped = watch(manager.stop());
    await clock.advance(0);
    expect([stopped.state, log]).toEqual(['fulfilled', ['onDestroy', 'onDestroy', 'onDestroy', 'stopped']]);
  });

  it('or hang: that is reported after destroyTimeout', async () => {
    const { manager, clock } = await start({
      fakes: { hangDestroy: (n) => n === 1 },
      checkHealth: () => false,
      destroyTimeout: 300,
    });
    const heard = hear(manager);
    watch(manager.queueTaskOnce(fail));
    await clock.advance(299);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard.map(({ source }) => source)).toEqual(['onDestroy']);
  });
});

describe('the logger may throw', () => {
  const logger: Logger = { debug: breakDown, info: breakDown, warn: breakDown, error: breakDown };

  it('every promise settles as ever; each failure is reported on the error event', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => n === 3, failDestroy: (n) => n === 2 },
      workerCount: 2,
      logger,
      checkHealth: () => false,
      burstWorkerCount: 1,
    });
    const heard = hear(manager);
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw OWN;
        return 'done';
      }),
    );
    await clock.advance(1_000);
    const stopped = watch(manager.stop());
    await clock.advance(1_000);
    expect([outcome.value, stopped.state]).toEqual(['done', 'fulfilled']);
    expect(new Set(heard.map(({ source }) => source))).toEqual(new Set(['logger', 'onDestroy']));
    expect(heard.filter(({ source }) => source === 'logger').every(({ error }) => error === broken)).toBe(true);
  });

  it('together with a listener of error that throws: they do not tell each other for ever', async () => {
    const { manager, clock } = await start({ logger, checkHealth: breakDown });
    let calls = 0;
    manager.on('error', () => {
      if (++calls < 10_000) throw broken;
    });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(0);
    expect(outcome.error).toBe(OWN);
    expect(calls).toBeLessThan(10);
  });
});

describe('the logger and the collector may be async, though nobody waits for them', () => {
  it('a rejection is reported on the error event, and is never unhandled', async () => {
    const { manager, clock } = await start({
      logger: { ...silentLogger, info: reject },
      collector: Object.assign(createCollector(), { recordCompletion: reject }),
    });
    const heard = hear(manager);
    const outcome = watch(manager.queueTask(() => 'done'));
    await clock.advance(0);
    expect([outcome.value, heard]).toEqual(['done', [{ source: 'collector', error: broken }]]);
    const recycled = watch(manager.recycle()); // which is logged as info
    await clock.advance(0);
    expect([recycled.state, heard[1]]).toEqual(['fulfilled', { source: 'logger', error: broken }]);
  });
});

describe('what a hook throws may be anything', () => {
  it('an error that cannot be printed is told all the same', async () => {
    const { lines, logger } = recordingLogger();
    const unprintable = { toString: breakDown };
    const { manager, clock } = await start({
      logger,
      checkHealth: () => {
        throw unprintable;
      },
    });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(0);
    expect(outcome.error).toBe(OWN);
    expect(lines).toEqual([
      { message: 'tasker: checkHealth failed: an error that cannot be printed', error: unprintable },
    ]);
  });
});

describe('the collector may throw', () => {
  const collector: MetricsCollector = {
    recordArrival: breakDown,
    recordCompletion: breakDown,
    recordFailure: breakDown,
    recordRetry: breakDown,
    metrics: breakDown,
  };

  it('outcomes stay what they were, each failure is reported, and metrics() gives zeros', async () => {
    const { lines, logger } = recordingLogger();
    const { manager, clock } = await start({
      resourcePoolSize: 1,
      collector,
      logger,
      checkHealth: () => false,
      maxRetries: 1,
    });
    const heard = hear(manager);
    const all = [
      watch(manager.queueTask(() => 'a')),
      watch(manager.runTask(() => 'b')),
      watch(manager.queueTask(fail)),
    ];
    await clock.advance(0);
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(isTaskerError(all[2]?.error, 'RETRIES_EXHAUSTED')).toBe(true);
    expect(manager.metrics()).toMatchObject({ totalTasksArrived: 0, averageExecutionTime: 0, successRate: 0 });
    await clock.advance(0);
    // 3 arrivals, 2 completions, 1 retry, 1 failure, metrics() once
    expect(heard).toEqual(Array.from({ length: 8 }, () => ({ source: 'collector', error: broken })));
    expect(lines).toHaveLength(8);
  });

  it('only one of its methods, and the others are still told', async () => {
    const inner = createCollector();
    const log: string[] = [];
    const { manager } = await start({
      collector: {
        recordArrival: breakDown,
        recordCompletion: (stamps, task) => {
          log.push(`completed ${task?.name}`);
          inner.recordCompletion(stamps, task);
        },
        recordFailure: () => void log.push('failed'),
        recordRetry: () => void log.push('retried'),
        metrics: () => inner.metrics(),
      },
    });
    await manager.queueTask(() => 1, { name: 'a' });
    await expect(manager.queueTask(fail)).rejects.toBe(OWN);
    expect([log, manager.metrics().totalTasksCompleted]).toEqual([['completed a', 'failed'], 1]);
  });
});

describe('backoff and createBackoff may throw or return nonsense', () => {
  const nonsense: (() => number)[] = [
    breakDown,
    () => Number.NaN,
    () => -1,
    () => Infinity,
    () => undefined as unknown as number,
  ];

  it('backoff: it is reported, and the retry runs after the default delay', async () => {
    for (const backoff of nonsense) {
      for (const own of [true, false]) {
        const { manager, clock } = await start({ checkHealth: () => false, ...(!own && { retry: { backoff } }) });
        const heard = hear(manager);
        const outcome = watch(
          manager.queueTask(
            (_, { attempt }) => {
              if (attempt === 1) throw new Error('sick');
              return 'done';
            },
            { ...(own && { retry: { backoff } }) },
          ),
        );
        await clock.advance(0);
        expect([outcome.value, heard.map(({ source }) => source)], String(backoff)).toEqual(['done', ['backoff']]);
      }
    }
  });

  it('createBackoff: it is reported, the creation is tried again and does not spin', async () => {
    for (const createBackoff of nonsense) {
      const { manager, clock, fakes } = await start({
        fakes: { failCreate: (n) => n > 1 && n < 5 },
        checkHealth: () => false,
        createBackoff,
      });
      const heard = hear(manager);
      watch(manager.queueTaskOnce(fail));
      await clock.advance(0);
      expect(fakes.attempts, String(createBackoff)).toBe(2);
      await clock.advance(60_000);
      expect(manager.stats().baseWorkers, String(createBackoff)).toBe(1);
      expect(heard.map(({ source }) => source)).toEqual(['createBackoff', 'createBackoff', 'createBackoff']);
    }
  });

  it('a number in a string is nonsense, too: added to the time it would be appended', async () => {
    const five = '5' as unknown as number;
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => n === 2 },
      checkHealth: (error) => (error === OWN ? { resource: 'keep', task: 'retry', after: five } : false),
      retry: { backoff: () => five },
      createBackoff: () => five,
    });
    const heard = hear(manager);
    watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw new Error('sick');
      }),
    );
    await clock.advance(10_000);
    watch(manager.queueTask(fail));
    await clock.advance(10_000);
    expect(new Set(heard.map(({ source }) => source))).toEqual(new Set(['backoff', 'createBackoff', 'checkHealth']));
    for (const { source, error } of heard) {
      if (source !== 'checkHealth') expect((error as Error).message).toMatch(/must be .*got "5"/);
    }
  });
});

describe('a Scaler may throw or return nonsense', () => {
  const laws: ((input: ScaleInput) => number)[] = [
    breakDown,
    () => Number.NaN,
    () => undefined as unknown as number,
    () => 'many' as unknown as number,
    () => -Infinity,
  ];

  it('it is reported, the number of workers stays, and tasks run', async () => {
    for (const scaling of laws) {
      const { manager, clock } = await start({ maxWorkerCount: 4, scaling });
      const heard = hear(manager);
      const all = Array.from({ length: 5 }, () => watch(manager.queueTask((resource) => resource.work(200))));
      await clock.advance(1_000);
      expect(all.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'fulfilled'));
      expect(new Set(heard.map(({ source }) => source)), String(scaling)).toEqual(new Set(['scaling']));
      if (scaling !== breakDown)
        expect(heard[0]?.error).toMatchObject({ message: expect.stringContaining('must return a number') });
      expect(manager.stats()).toMatchObject({ baseWorkers: 1, burstWorkers: 0 });
    }
  });

  it('what it wants is held between workerCount and maxWorkerCount', async () => {
    for (const [wanted, expected] of [
      [-5, 2],
      [0, 2],
      [2.1, 3],
      [1_000, 4],
      [Infinity, 4],
    ] as const) {
      const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 4, scaling: () => wanted });
      const all = Array.from({ length: 9 }, () => watch(manager.queueTask((resource) => resource.work(1_000))));
      await clock.advance(500);
      expect([manager.stats().activeWorkers, fakes.peak], `${wanted} wanted`).toEqual([expected, expected]);
      await clock.advance(10_000);
      expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    }
  });
});

describe('listeners may throw', () => {
  it('it is reported, the other listeners are called and outcomes stay what they were', async () => {
    const { lines, logger } = recordingLogger();
    const { manager, clock } = await start({ logger, checkHealth: (error) => error === OWN });
    const heard = hear(manager);
    const log: string[] = [];
    for (const event of ['queued', 'started', 'retried', 'completed', 'failed', 'cancelled'] as const) {
      manager.on(event, breakDown);
      manager.on(event, () => void log.push(event));
    }
    const controller = new AbortController();
    const cancelled = watch(manager.queueTask((resource) => resource.work(5), { signal: controller.signal }));
    await clock.advance(1);
    controller.abort('never mind');
    await clock.advance(10);
    const all = [
      watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(new Error('sick')) : 'done'))),
      watch(manager.queueTask(fail)),
    ];
    await clock.advance(10);
    expect([cancelled.error, ...all.map(({ value, error }) => value ?? error)]).toEqual(['never mind', 'done', OWN]);
    expect(log.toSorted()).toEqual(
      [
        'queued',
        'started',
        'cancelled',
        'queued',
        'queued',
        'started',
        'started',
        'started',
        'retried',
        'completed',
        'failed',
      ].toSorted(),
    );
    expect(heard).toEqual(log.map(() => ({ source: 'listener', error: broken })));
    expect(lines.map(({ error }) => error)).toEqual(log.map(() => broken));
  });

  it('asynchronously, too', async () => {
    const { manager, clock } = await start();
    const heard = hear(manager);
    manager.on('completed', () => Promise.reject(broken) as unknown as void);
    expect(await manager.queueTask(() => 'done')).toBe('done');
    await clock.advance(0);
    expect(heard).toEqual([{ source: 'listener', error: broken }]);
  });

  it('a listener of error that throws is told to the logger, not to itself', async () => {
    const { lines, logger } = recordingLogger();
    const { manager, clock } = await start({ logger, checkHealth: breakDown });
    let calls = 0;
    const listenerBroken = new Error('the listener is broken');
    manager.on('error', () => {
      calls++;
      throw listenerBroken;
    });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(0);
    expect([outcome.error, calls]).toEqual([OWN, 1]);
    expect(lines.map(({ error }) => error)).toEqual([broken, listenerBroken]);
    expect(lines[1]?.message).toContain('listener of error');
  });

  it('a listener of stopped that throws does not disturb the shutdown', async () => {
    const { lines, logger } = recordingLogger();
    const { manager, clock } = await start({ logger });
    manager.on('stopped', breakDown);
    const stopped = watch(manager.stop());
    await clock.advance(0);
    expect([stopped.state, lines.map(({ error }) => error)]).toEqual(['fulfilled', [broken]]);
  });

  it('a listener may call the manager back', async () => {
    const { manager, clock } = await start();
    const log: unknown[] = [];
    const off = manager.on('completed', () => {
      off();
      watch(manager.queueTask(() => void log.push('from a listener')));
      watch(manager.stop().then(() => void log.push('stopped')));
    });
    watch(manager.queueTask(() => void log.push('first')));
    await clock.advance(0);
    expect(log).toEqual(['first', 'from a listener', 'stopped']);
  });
});

const sick = (_: unknown, { attempt }: TaskContext): void => {
  if (attempt < 3) throw new Error('sick');
};

describe('hooks may call the manager back', () => {
  /** Every hook of ours that runs while tasks are judged; `callBack` is what it does the first time. */
  const hooks: Record<string, (callBack: () => void) => Partial<TaskManagerConfig<FakeResource>>> = {
    'collector.recordArrival': (callBack) => ({ collector: collecting({ recordArrival: callBack }) }),
    'collector.recordCompletion': (callBack) => ({ collector: collecting({ recordCompletion: callBack }) }),
    'collector.recordFailure': (callBack) => ({ collector: collecting({ recordFailure: callBack }) }),
    'collector.recordRetry': (callBack) => ({ collector: collecting({ recordRetry: callBack }) }),
    backoff: (callBack) => ({ retry: { backoff: () => (callBack(), 0) } }),
    createBackoff: (callBack) => ({ createBackoff: () => (callBack(), 100) }),
    Scaler: (callBack) => ({ scaling: () => (callBack(), 2) }),
    logger: (callBack) => ({ logger: { ...silentLogger, debug: callBack } }),
  };

  const calls: Record<string, (manager: TaskManager<FakeResource>, controller: AbortController) => unknown> = {
    'kill()': (manager) => watch(manager.kill()),
    'stop()': (manager) => watch(manager.stop()),
    'queueTask()': (manager) => watch(manager.queueTask(() => 'from a hook')),
    'abort the signal of every task': (_, controller) => controller.abort(),
  };

  for (const [hook, configure] of Object.entries(hooks)) {
    for (const [call, callBack] of Object.entries(calls)) {
      it(`${hook} may call ${call}: each promise settles, nothing hangs and the counts are right`, async () => {
        const { clock, manage } = harness({ failCreate: (n) => n === 3 });
        const controller = new AbortController();
        const { signal } = controller;
        let manager: TaskManager<FakeResource> | undefined;
        let isDone = false;
        const once = (): void => {
          if (isDone || manager === undefined) return;
          isDone = true;
          callBack(manager, controller);
        };
        manager = await manage({ workerCount: 2, checkHealth: (error) => error === OWN, ...configure(once) });
        const all = [
          watch(manager.queueTask(sick, { signal })),
          watch(manager.queueTask(() => 'a', { signal })),
          watch(manager.queueTask(fail, { signal })),
          watch(manager.queueTask(sick, { signal, priority: 1 })),
          watch(manager.queueTask(() => 'too late', { signal, deadline: 0 })),
          watch(manager.queueTask((resource) => resource.work(10), { signal })),
          watch(manager.runTask(() => 'b', { signal })),
          watch(manager.runTask(fail, { signal })),
        ];
        await clock.advance(20_000);
        expect([isDone, all.map(({ state }) => state)]).toEqual([true, expect.not.arrayContaining(['pending'])]);
        expect(manager.stats()).toMatchObject({
          queuedTasks: 0,
          priorityTasks: 0,
          retryingTasks: 0,
          runningTasks: 0,
          quarantinedWorkers: 0,
        });
        if (manager.stats().state !== 'running') return;
        expect(manager.stats()).toMatchObject({ baseWorkers: 2 });
        const later = [1, 2, 3].map((n) => watch(manager.queueTask(() => n)));
        await clock.advance(0);
        expect(later.map(({ value }) => value)).toEqual([1, 2, 3]);
      });
    }
  }

  it('onCreate and onDestroy, too', async () => {
    for (const hook of ['onCreate', 'onDestroy'] as const) {
      for (const [call, callBack] of Object.entries(calls)) {
        const { clock, fakes, manage } = harness();
        const controller = new AbortController();
        let manager: TaskManager<FakeResource> | undefined;
        let isDone = false;
        const once = (): void => {
          if (isDone || manager === undefined) return;
          isDone = true;
          callBack(manager, controller);
        };
        manager = await manage({
          workerCount: 2,
          checkHealth: () => false,
          onCreate: (context) => {
            if (hook === 'onCreate') once();
            return fakes.onCreate(context);
          },
          onDestroy: (resource, reason) => {
            if (hook === 'onDestroy') once();
            return fakes.onDestroy(resource, reason);
          },
        });
        const all = [
          watch(manager.queueTask(fail, { signal: controller.signal })),
          watch(manager.queueTask(() => 1, { signal: controller.signal })),
          watch(manager.runTask(() => 1, { signal: controller.signal })),
        ];
        await clock.advance(20_000);
        expect([isDone, all.map(({ state }) => state)], `${hook} calls ${call}`).toEqual([
          true,
          expect.not.arrayContaining(['pending']),
        ]);
      }
    }
  });
});

describe('all hooks at once may throw', () => {
  it('and every promise settles, and the manager stops', async () => {
    const { manager, clock } = await start({
      fakes: { failDestroy: true, failCreate: (n) => n > 3 && n % 2 === 0 },
      workerCount: 2,
      resourcePoolSize: 1,
      checkHealth: () => breakDown(),
      logger: { debug: breakDown, info: breakDown, warn: breakDown, error: breakDown },
      retry: { backoff: breakDown },
      createBackoff: breakDown,
      scaling: breakDown,
      collector: {
        recordArrival: breakDown,
        recordCompletion: breakDown,
        recordFailure: breakDown,
        recordRetry: breakDown,
        metrics: breakDown,
      },
    });
    manager.on('started', breakDown);
    manager.on('failed', breakDown);
    const all = Array.from({ length: 30 }, (_, i) => {
      const task = async (resource: FakeResource, context: { invalidate(): void }): Promise<number> => {
        if (i % 4 === 0) context.invalidate();
        await resource.work(i % 5);
        if (i % 3 === 0) throw OWN;
        return i;
      };
      return watch(i % 6 === 5 ? manager.runTask(task) : manager.queueTask(task));
    });
    await clock.advance(30_000);
    const stopped = watch(manager.stop());
    await clock.advance(30_000);
    expect(all.filter(({ state }) => state === 'pending')).toEqual([]);
    expect(stopped.state).toBe('fulfilled');
  });
});
