import { createCollector, createTaskManager } from 'tasker';
import type { MetricsCollector, TaskMetrics } from 'tasker';
import { describe, expect, it, vi } from 'vitest';
import { SICK, sickIfSo } from '../support/failures.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { code, start, watch } from '../support/harness.ts';

/** What the reference of the Go library promises of each field of its Config. */

describe('OnCreate', () => {
  it('is called when a worker starts and when RunTask needs a temporary resource', async () => {
    const kinds: string[] = [];
    const manager = await createTaskManager({
      workerCount: 2,
      resourcePoolSize: 1,
      onCreate: ({ kind }) => kinds.push(kind),
      onDestroy: () => {},
    });
    await Promise.all([manager.runTask(async () => 1), manager.runTask(async () => 2)]);
    await manager.stop();
    expect(kinds.toSorted()).toEqual(['base', 'base', 'pool', 'temporary']);
  });

  it('returns a resource or an error', async () => {
    const { manager, settle } = await start({ fakes: { failCreate: (n) => n === 2 } });
    const task = watch(manager.runTask(() => 1));
    await settle();
    expect([code(task), (task.error as Error).cause]).toMatchObject([
      'CREATE_FAILED',
      { message: 'creation 2 failed' },
    ]);
  });
});

describe('OnDestroy', () => {
  it('is called when a worker shuts down and when a temporary resource is no longer needed', async () => {
    const { manager, settle, fakes } = await start({ resourcePoolSize: 1 });
    watch(manager.runTask((resource) => resource.work(0)));
    watch(manager.runTask((resource) => resource.use()));
    await settle();
    expect(fakes.reasons).toEqual(['temporary']);
    await manager.stop();
    expect(fakes.reasons).toEqual(['temporary', 'shutdown', 'shutdown']);
  });

  it('may fail: that is reported and harms nothing', async () => {
    const { manager, clock } = await start({ fakes: { failDestroy: true } });
    const errors: unknown[] = [];
    manager.on('error', ({ source }) => errors.push(source));
    watch(manager.runTask(() => 1));
    await clock.runAll();
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect([stopping.state, errors]).toEqual(['fulfilled', ['onDestroy', 'onDestroy']]);
  });
});

describe('WorkerCount', () => {
  it('is the initial and least number of workers, always running', async () => {
    const { manager, clock, work } = await start({ workerCount: 3, maxWorkerCount: 6 });
    expect(manager.stats().baseWorkers).toBe(3);
    for (let i = 0; i < 50; i++) watch(manager.queueTask(work(20)));
    await clock.advance(3_600_000);
    expect(manager.stats()).toMatchObject({ baseWorkers: 3, activeWorkers: 3, idleWorkers: 3 });
  });

  it.each([0, -1, 1.5, NaN, Infinity])('must be greater than 0 and whole: %s is refused', async (workerCount) => {
    const onCreate = vi.fn(() => 1);
    await expect(createTaskManager({ workerCount, onCreate, onDestroy: () => {} })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
    expect(onCreate).not.toHaveBeenCalled();
  });
});

describe('Ctx', () => {
  it('is `signal`: aborting it initiates a graceful shutdown', async () => {
    const controller = new AbortController();
    const { manager, clock, settle, work } = await start({ signal: controller.signal });
    const task = watch(manager.queueTask(work(10)));
    await settle();
    controller.abort();
    await clock.runAll();
    expect([task.state, manager.stats().state]).toEqual(['fulfilled', 'stopped']);
  });
});

describe('CheckHealth', () => {
  it('tells by the error whether the worker is faulty: then it is shut down and the task queued again', async () => {
    const checkHealth = vi.fn(sickIfSo);
    const { manager, clock, fakes } = await start({ maxWorkerCount: 1, checkHealth });
    const task = watch(
      manager.queueTask((resource, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : resource.id)),
    );
    await clock.runAll();
    expect([task.value, fakes.reasons, checkHealth.mock.calls[0]?.[0]]).toEqual([2, ['sick'], SICK]);
  });

  it('absent: all errors are healthy', async () => {
    const { manager, clock, fakes } = await start();
    const task = watch(manager.queueTask(() => Promise.reject(SICK)));
    await clock.runAll();
    expect([task.error, fakes.destroyed, manager.metrics().totalTasksRetried]).toEqual([SICK, 0, 0]);
  });
});

describe('MaxWorkerCount', () => {
  it('is the most workers, base and burst together', async () => {
    const { manager, clock, work, fakes } = await start({ workerCount: 1, maxWorkerCount: 3, targetWait: 0 });
    for (let i = 0; i < 50; i++) watch(manager.queueTask(work(100)));
    await clock.advance(50);
    expect([manager.stats().activeWorkers, fakes.peak]).toEqual([3, 3]);
  });

  it('is twice WorkerCount by default', async () => {
    const clock = (await start()).clock;
    let made = 0;
    const manager = await createTaskManager({
      workerCount: 3,
      resourcePoolSize: 0,
      targetWait: 0,
      clock,
      onCreate: () => ++made,
      onDestroy: () => {},
    });
    for (let i = 0; i < 50; i++) watch(manager.queueTask(() => new Promise(() => {})));
    await clock.advance(50);
    expect([made, manager.stats().activeWorkers]).toEqual([6, 6]);
    await manager.kill();
  });

  it('must not be less than WorkerCount', async () => {
    const config = { workerCount: 3, maxWorkerCount: 2, onCreate: () => 1, onDestroy: () => {} };
    await expect(createTaskManager(config)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

describe('BurstInterval', () => {
  it.each([
    [undefined, 100],
    [30, 30],
  ])('%s: the queue sizes are looked at every %s ms', async (burstInterval, expected) => {
    const seen: number[] = [];
    const { manager, clock, work } = await start({
      maxWorkerCount: 2,
      ...(burstInterval !== undefined && { burstInterval }),
      scaling: ({ now }) => {
        seen.push(now);
        return 1;
      },
    });
    for (let i = 0; i < 3; i++) watch(manager.queueTask(work(10_000)));
    await clock.advance(expected * 4 + 5);
    expect([...new Set(seen)]).toEqual([0, 1, 2, 3, 4].map((n) => n * expected));
    await manager.kill();
  });
});

describe('MaxRetries', () => {
  it.each([
    [undefined, 4],
    [1, 2],
    [0, 1],
  ])('%s: a task that is always unhealthy runs %s times, then it is an error', async (maxRetries, runs) => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      ...(maxRetries !== undefined && { maxRetries }),
    });
    let count = 0;
    const task = watch(
      manager.queueTask(() => {
        count++;
        return Promise.reject(SICK);
      }),
    );
    await clock.runAll();
    expect([count, code(task), (task.error as Error).cause]).toEqual([runs, 'RETRIES_EXHAUSTED', SICK]);
    expect(manager.metrics()).toMatchObject({ totalTasksRetried: runs - 1, totalTasksFailed: 1 });
  });
});

describe('ResourcePoolSize', () => {
  it('is the number of resources that are allocated in advance and maintained for RunTask', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 2, checkHealth: sickIfSo });
    expect(fakes.created).toBe(3);
    watch(manager.runTask(() => Promise.reject(SICK)));
    await clock.runAll();
    expect([manager.stats().availableResources, fakes.created, fakes.reasons]).toEqual([2, 4, ['sick']]);
  });

  it('is WorkerCount by default', async () => {
    const manager = await createTaskManager({ workerCount: 3, onCreate: () => 1, onDestroy: () => {} });
    expect(manager.stats().availableResources).toBe(3);
    await manager.stop();
  });
});

describe('Logger', () => {
  it('gets the internal messages', async () => {
    const log: string[] = [];
    const at = (level: string) => (message: unknown) => log.push(`${level}: ${String(message)}`);
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    const { manager, clock } = await start({ logger, fakes: { failDestroy: true, failCreate: (n) => n === 2 } });
    watch(manager.runTask(() => 1));
    await clock.runAll();
    watch(manager.stop());
    await clock.runAll();
    expect(new Set(log.map((line) => line.split(':', 1)[0]))).toEqual(new Set(['debug', 'info', 'warn', 'error']));
  });

  it('is told what becomes of resources, which task is stuck, and when the manager ends', async () => {
    const log: string[] = [];
    const at = (level: string) => (message: unknown) => log.push(`${level}: ${String(message)}`);
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    const { manager, clock, work } = await start({ logger, stuckAfter: 10, fakes: { failCreate: (n) => n === 2 } });
    watch(manager.runTask(() => 1));
    const { id } = manager.submit(work(20));
    await clock.advance(20);
    watch(manager.stop());
    await clock.runAll();
    for (const line of [
      /^debug: .*resource.* created \(base\)/,
      /^warn: .*resource .*not be created \(temporary\)/,
      new RegExp(`^warn: .*${id}.* stuck`),
      /^info: .*stopping/,
      /^debug: .*resource.* destroyed \(base, shutdown/,
      /^info: .*stopped/,
    ]) {
      expect(
        log.some((entry) => line.test(entry)),
        `${line}`,
      ).toBe(true);
    }
  });

  it('is told the name of the manager, and nothing but words where there is no error', async () => {
    const log: unknown[][] = [];
    const tell = (...line: unknown[]): void => void log.push(line);
    const logger = { ...silentLogger, info: tell, warn: tell, error: tell };
    const managers = [await start({ logger }), await start({ logger, name: 'db' })];
    for (const { manager, clock } of managers) {
      watch(manager.stop());
      await clock.runAll();
    }
    const told = log.map(([line, ...rest]) => [String(line).split(':', 1)[0], ...rest]);
    expect(told).toEqual([['tasker'], ['tasker'], ['tasker db'], ['tasker db']]); // stopping, stopped
  });
});

describe('Collector', () => {
  it('is told of each arrival, completion, failure and retry, and gives the metrics', async () => {
    const log: string[] = [];
    const marker = { ...createCollector().metrics(), averageExecutionTime: 4711 } satisfies TaskMetrics;
    const collector: MetricsCollector = {
      recordArrival: (task) => log.push(`arrival ${task?.name}`),
      recordCompletion: ({ queuedAt, startedAt, finishedAt }, task) =>
        log.push(`completion ${task?.name} ${queuedAt} ${startedAt} ${finishedAt}`),
      recordFailure: ({ queuedAt, startedAt, finishedAt }, task) =>
        log.push(`failure ${task?.name} ${queuedAt} ${startedAt} ${finishedAt}`),
      recordRetry: (task) => log.push(`retry ${task?.name}`),
      metrics: () => marker,
    };
    const { manager, clock } = await start({ maxWorkerCount: 1, collector, checkHealth: sickIfSo });
    watch(manager.queueTask((resource) => resource.work(10), { name: 'a' }));
    watch(
      manager.queueTask(
        async (resource, { attempt }) => {
          await resource.work(5);
          if (attempt === 1) throw SICK;
          throw new Error('own');
        },
        { name: 'b' },
      ),
    );
    await clock.runAll();
    expect(log).toEqual(['arrival a', 'arrival b', 'completion a 0 0 10', 'retry b', 'failure b 0 15 20']);
    expect(manager.metrics().averageExecutionTime).toBe(4711);
  });
});

describe('BurstTaskThreshold and BurstWorkerCount', () => {
  it('are deprecated: accepted, ignored, one warning', async () => {
    const warn = vi.fn();
    const logger = { ...silentLogger, warn };
    const { manager, clock, work, fakes } = await start({
      maxWorkerCount: 1,
      logger,
      burstTaskThreshold: 1,
      burstWorkerCount: 50,
    });
    for (let i = 0; i < 20; i++) watch(manager.queueTask(work(10)));
    await clock.runAll();
    expect([warn.mock.calls.length, fakes.created]).toEqual([1, 1]);
    expect(warn.mock.calls[0]?.[0]).toMatch(/: burstTaskThreshold and burstWorkerCount$/);
  });
});
