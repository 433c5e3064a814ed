import { describe, expect, it } from 'vitest';
import { SICK, sickIfSo } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';

/** What the reference of the Go library promises of each number of TaskStats and TaskMetrics. */

/** A percentile is exact to 1 %. */
function within(value: number, exact: number): void {
  expect(value).toBeGreaterThanOrEqual(exact * 0.99);
  expect(value).toBeLessThanOrEqual(exact * 1.01);
}

describe('TaskStats', () => {
  it('BaseWorkers, ActiveWorkers, BurstWorkers: permanently active, all active, dynamically scaled up', async () => {
    const { manager, clock, work } = await start({
      workerCount: 2,
      maxWorkerCount: 5,
      targetWait: 0,
      idleTimeout: 500,
    });
    const { baseWorkers, activeWorkers, burstWorkers } = manager.stats();
    expect([baseWorkers, activeWorkers, burstWorkers]).toEqual([2, 2, 0]);
    for (let i = 0; i < 10; i++) watch(manager.queueTask(work(100)));
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, activeWorkers: 5, burstWorkers: 3 });
    await clock.advance(5_000);
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, activeWorkers: 2, burstWorkers: 0 });
  });

  it('QueuedTasks and PriorityTasks: tasks in the main and in the priority queue', async () => {
    const { manager, settle, work, clock } = await start();
    watch(manager.queueTask(work(10)));
    await settle();
    for (let i = 0; i < 3; i++) watch(manager.queueTask(work(10)));
    for (let i = 0; i < 2; i++) watch(manager.queueTaskWithPriority(work(10)));
    watch(manager.queueTask(work(10), { priority: 7 }));
    watch(manager.queueTask(work(10), { priority: -7 }));
    expect(manager.stats()).toMatchObject({ queuedTasks: 4, priorityTasks: 3 });
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ queuedTasks: 4, priorityTasks: 2 });
  });

  it('AvailableResources: resources available in the pool', async () => {
    const { manager, settle, work, clock } = await start({ resourcePoolSize: 3 });
    expect(manager.stats().availableResources).toBe(3);
    for (let i = 0; i < 2; i++) watch(manager.runTask(work(10)));
    await settle();
    expect(manager.stats().availableResources).toBe(1);
    await clock.advance(10);
    expect(manager.stats().availableResources).toBe(3);
  });

  it('a retry that waits counts in the queue of its own priority', async () => {
    const { manager, settle } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }) });
    watch(manager.queueTask(() => Promise.reject(SICK)));
    watch(manager.queueTaskWithPriority(() => Promise.reject(SICK)));
    await settle();
    expect(manager.stats()).toMatchObject({ queuedTasks: 1, priorityTasks: 1, retryingTasks: 2 });
    await manager.kill();
  });
});

describe('TaskMetrics', () => {
  it('are all 0 before the first completion', async () => {
    const { manager } = await start();
    const { totalResourcesCreated, serviceTimeInflation, concurrencyLimit, ...rest } = manager.metrics();
    expect([totalResourcesCreated, serviceTimeInflation, concurrencyLimit]).toEqual([1, 1, Infinity]);
    expect(Object.entries(rest).filter(([, value]) => value !== 0)).toEqual([]);
  });

  it('execution times: average, minimum, maximum, 95th and 99th percentile', async () => {
    const { manager, clock, work } = await start({ maxWorkerCount: 1 });
    for (let ms = 1; ms <= 100; ms++) watch(manager.queueTask(work(ms)));
    await clock.runAll();
    const metrics = manager.metrics();
    expect(metrics).toMatchObject({ averageExecutionTime: 50.5, minExecutionTime: 1, maxExecutionTime: 100 });
    within(metrics.p50ExecutionTime, 50);
    within(metrics.p95ExecutionTime, 95);
    within(metrics.p99ExecutionTime, 99);
  });

  it('AverageWaitTime: from submission to the pick-up by a worker', async () => {
    const { manager, clock, work } = await start();
    for (let i = 0; i < 4; i++) watch(manager.queueTask(work(10))); // they wait 0, 10, 20, 30
    await clock.runAll();
    expect(manager.metrics().averageWaitTime).toBe(15);
  });

  it('of a retried task: the wait is up to the last run, the execution is the last run', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 50 }) });
    watch(
      manager.queueTask(async (resource, { attempt }) => {
        await resource.work(attempt === 1 ? 100 : 10);
        if (attempt === 1) throw SICK;
      }),
    );
    await clock.runAll();
    expect(manager.metrics()).toMatchObject({ averageWaitTime: 150, averageExecutionTime: 10, maxExecutionTime: 10 });
  });

  it('failed tasks count in no time', async () => {
    const { manager, clock, work } = await start();
    watch(manager.queueTask((resource) => resource.work(1_000).then(() => Promise.reject(new Error('own')))));
    watch(manager.runTask(work(10)));
    await clock.runAll();
    expect(manager.metrics()).toMatchObject({ averageExecutionTime: 10, maxExecutionTime: 10, averageWaitTime: 0 });
  });

  it('TaskArrivalRate and TaskCompletionRate: per second, over a recent time window', async () => {
    const { manager, clock, work } = await start({ workerCount: 4, maxWorkerCount: 4 });
    for (let i = 0; i < 400; i++) {
      watch(manager.queueTask(work(5)));
      await clock.advance(50);
    }
    expect(manager.metrics().taskArrivalRate).toBeCloseTo(20, -0.5);
    expect(manager.metrics().taskCompletionRate).toBeCloseTo(20, -0.5);
    await clock.advance(60_000);
    expect([manager.metrics().taskArrivalRate, manager.metrics().taskCompletionRate]).toEqual([0, 0]);
  });

  it('TotalTasksCompleted, Failed and Retried, SuccessRate and FailureRate', async () => {
    const { manager, clock, work } = await start({ maxWorkerCount: 1, checkHealth: sickIfSo, maxRetries: 2 });
    for (let i = 0; i < 6; i++) watch(manager.queueTask(work(1)));
    watch(manager.queueTask(() => Promise.reject(new Error('own'))));
    watch(manager.queueTask(() => Promise.reject(SICK)));
    await clock.runAll();
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: 8,
      totalTasksCompleted: 6,
      totalTasksFailed: 2,
      totalTasksRetried: 2,
      successRate: 0.75,
      failureRate: 0.25,
    });
  });

  it('RunTask counts like any other', async () => {
    const { manager, clock, work } = await start();
    watch(manager.runTask(work(30)));
    watch(manager.runTask(() => Promise.reject(new Error('own'))));
    await clock.runAll();
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: 2,
      totalTasksCompleted: 1,
      totalTasksFailed: 1,
      averageExecutionTime: 30,
    });
  });
});
