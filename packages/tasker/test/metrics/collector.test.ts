import { describe, expect, it } from 'vitest';
import { BuiltInCollector, createCollector } from '../../src/metrics/collector.ts';
import type { TaskMetrics } from '../../src/metrics/collector.ts';
import { isTaskerError, TaskerError } from '../../src/primitives/errors.ts';
import type { TaskInfo } from '../../src/primitives/task-info.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { start, watch } from '../support/harness.ts';

const stamps = (wait: number, execution: number, queuedAt = 100) => ({
  queuedAt,
  startedAt: queuedAt + wait,
  finishedAt: queuedAt + wait + execution,
});

const NOTHING: TaskMetrics = {
  averageExecutionTime: 0,
  minExecutionTime: 0,
  maxExecutionTime: 0,
  p50ExecutionTime: 0,
  p95ExecutionTime: 0,
  p99ExecutionTime: 0,
  averageWaitTime: 0,
  p50WaitTime: 0,
  p95WaitTime: 0,
  p99WaitTime: 0,
  taskArrivalRate: 0,
  taskCompletionRate: 0,
  totalTasksArrived: 0,
  totalTasksCompleted: 0,
  totalTasksFailed: 0,
  totalTasksRetried: 0,
  totalTasksCancelled: 0,
  successRate: 0,
  failureRate: 0,
  totalResourcesCreated: 0,
  totalResourcesDestroyed: 0,
  totalCreateFailures: 0,
  serviceTimeInflation: 1,
  concurrencyLimit: Infinity,
};

describe('the built-in collector', () => {
  it('is 0 throughout before anything happens', () => {
    expect(createCollector().metrics()).toEqual(NOTHING);
  });

  it('sums up arrivals, completions, failures and retries', () => {
    const collector = createCollector({ clock: new VirtualClock() });
    for (let i = 0; i < 6; i++) collector.recordArrival();
    for (let i = 0; i < 3; i++) collector.recordCompletion(stamps(10, 20));
    collector.recordFailure(stamps(1000, 2000));
    for (let i = 0; i < 2; i++) collector.recordRetry();
    expect(collector.metrics()).toMatchObject({
      totalTasksArrived: 6,
      totalTasksCompleted: 3,
      totalTasksFailed: 1,
      totalTasksRetried: 2,
      successRate: 0.75,
      failureRate: 0.25,
    });
  });

  it('measures waiting from the submission to the last start and execution from there to the end, of completed tasks', () => {
    const collector = createCollector();
    for (let i = 1; i <= 100; i++) collector.recordCompletion(stamps(i, 10 * i));
    collector.recordFailure(stamps(1e6, 1e6));
    const metrics = collector.metrics();
    expect(metrics.averageExecutionTime).toBeCloseTo(505, 6);
    expect([metrics.minExecutionTime, metrics.maxExecutionTime]).toEqual([10, 1000]);
    expect(metrics.averageWaitTime).toBeCloseTo(50.5, 6);
    const percentiles = {
      p50ExecutionTime: 500,
      p95ExecutionTime: 950,
      p99ExecutionTime: 990,
      p50WaitTime: 50,
      p95WaitTime: 95,
      p99WaitTime: 99,
    };
    for (const [name, exact] of Object.entries(percentiles)) {
      const share = metrics[name as keyof typeof percentiles] / exact;
      expect(Math.abs(share - 1), name).toBeLessThanOrEqual(0.01);
    }
  });

  it('takes times that run backwards as 0', () => {
    const collector = createCollector();
    collector.recordCompletion({ queuedAt: 10, startedAt: 5, finishedAt: 2 });
    expect(collector.metrics()).toMatchObject({ totalTasksCompleted: 1, maxExecutionTime: 0, averageWaitTime: 0 });
  });

  it('has rates over the last ten seconds', async () => {
    const clock = new VirtualClock();
    const collector = createCollector({ clock });
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 20; i++) collector.recordArrival();
      for (let i = 0; i < 5; i++) collector.recordCompletion(stamps(0, 1));
      await clock.advance(1000);
    }
    expect(collector.metrics()).toMatchObject({ taskArrivalRate: 20, taskCompletionRate: 5 });
    await clock.advance(10_000);
    expect(collector.metrics()).toMatchObject({ taskArrivalRate: 0, taskCompletionRate: 0, totalTasksArrived: 600 });
  });

  it('has rates over another window if it is told to', async () => {
    const clock = new VirtualClock();
    const collector = createCollector({ window: 100, clock });
    collector.recordArrival();
    expect(collector.metrics().taskArrivalRate).toBe(100);
    await clock.advance(100);
    expect(collector.metrics().taskArrivalRate).toBe(0);
  });

  it('goes by its own clock in its rates, so that stamps of another one do no harm', () => {
    const collector = createCollector({ clock: new VirtualClock() });
    collector.recordCompletion(stamps(0, 1, 1e9));
    collector.recordCompletion(stamps(0, 1, 5));
    expect(collector.metrics().taskCompletionRate).toBe(2);
  });

  it('can be told the time by who knows it', () => {
    const clock = new VirtualClock();
    const told = new BuiltInCollector(10_000, clock);
    const asking = new BuiltInCollector(10_000, clock);
    told.arrivals.add(0);
    const { queuedAt, startedAt, finishedAt } = stamps(3, 4);
    told.completed(queuedAt, startedAt, finishedAt, 0);
    asking.recordArrival();
    asking.recordCompletion(stamps(3, 4));
    expect(told.metrics()).toEqual(asking.metrics());
  });

  it('has a failure rate although nothing was completed', () => {
    const collector = createCollector();
    collector.recordFailure(stamps(1, 1));
    expect(collector.metrics()).toEqual({ ...NOTHING, totalTasksFailed: 1, failureRate: 1 });
  });

  it.each([0, -1, Number.NaN, Infinity])('refuses a window of %d', (window) => {
    expect(() => createCollector({ window })).toThrow(
      new TaskerError('INVALID_CONFIG', `window must be a positive number of milliseconds, got ${window}`),
    );
  });

  it('refuses a window that is no number, and says so', () => {
    let thrown: unknown;
    try {
      createCollector({ window: '10' as unknown as number });
    } catch (error) {
      thrown = error;
    }
    expect(isTaskerError(thrown, 'INVALID_CONFIG')).toBe(true);
    expect((thrown as Error).message).toBe('window must be a positive number of milliseconds, got "10"');
  });
});

describe('a collector of the user', () => {
  it('is told only of what it has a method for, the others being undefined', async () => {
    const told: unknown[] = [];
    const selective = {
      recordArrival: undefined,
      recordFailure: undefined,
      recordRetry: undefined,
      recordCompletion: (_: unknown, task?: TaskInfo) => void told.push(task?.name),
      metrics: () => ({ ...NOTHING, totalTasksCompleted: told.length }),
    };
    const { manager, clock } = await start({ collector: selective, checkHealth: () => false, maxRetries: 1 });
    const tasks = [
      watch(manager.queueTask(() => 1, { name: 'done' })),
      watch(manager.queueTask(() => Promise.reject(new Error('no')), { name: 'again, and failed' })),
      watch(manager.runTask(() => 2, { name: 'direct' })),
    ];
    await clock.advance(5_000);
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(told).toEqual(['done', 'direct']);
    expect(manager.metrics().totalTasksCompleted).toBe(2);
  });

  it('may want nothing but to be asked', async () => {
    const errors: unknown[] = [];
    const { manager, clock } = await start({
      collector: {
        recordArrival: undefined,
        recordCompletion: undefined,
        recordFailure: undefined,
        recordRetry: undefined,
        metrics: () => NOTHING,
      },
    });
    manager.on('error', ({ error }) => errors.push(error));
    const tasks = [watch(manager.queueTask(() => 1)), watch(manager.queueTask(() => Promise.reject(new Error('no'))))];
    await clock.advance(0);
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'rejected']);
    expect([manager.metrics().totalTasksCompleted, errors]).toEqual([0, []]);
  });
});
