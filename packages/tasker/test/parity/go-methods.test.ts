import { createCollector, createTaskManager, newCollector, newRunner, newTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { code, start, watch } from '../support/harness.ts';

/** What the reference of the Go library promises of each function and method, in its order. */

type Method = 'queueTask' | 'queueTaskOnce' | 'queueTaskWithPriority' | 'queueTaskWithPriorityOnce' | 'runTask';

describe('NewTaskManager', () => {
  it('creates and initializes a manager: sets up the resource pool and starts the base workers', async () => {
    const { manager, fakes } = await start({ workerCount: 2, resourcePoolSize: 3 });
    expect(fakes.created).toBe(5);
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, activeWorkers: 2, burstWorkers: 0, availableResources: 3 });
  });

  it('returns an error if the config is invalid', async () => {
    await expect(createTaskManager({ workerCount: 0, onCreate: () => 1, onDestroy: () => {} })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });

  it('returns an error if a resource cannot be created', async () => {
    const failure = new Error('no resource');
    const onCreate = (): Promise<number> => Promise.reject(failure);
    await expect(createTaskManager({ workerCount: 1, onCreate, onDestroy: () => {} })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: failure,
    });
  });

  it('goes by its Go names, too, as does the collector', () => {
    expect([newTaskManager, newRunner, newCollector]).toEqual([createTaskManager, createTaskManager, createCollector]);
  });
});

describe.each<Method>(['queueTask', 'queueTaskOnce', 'queueTaskWithPriority', 'queueTaskWithPriorityOnce', 'runTask'])(
  '%s',
  (method) => {
    it('returns the result of the task once it completes', async () => {
      const { manager, clock } = await start();
      const task = watch(manager[method]((resource) => resource.work(50).then(() => 'result')));
      await clock.advance(49);
      expect(task.state).toBe('pending');
      await clock.advance(1);
      expect(task.value).toBe('result');
    });

    it('returns the error of the task, the same object', async () => {
      const { manager, settle } = await start();
      const error = new Error('own');
      const task = watch(manager[method](() => Promise.reject(error)));
      await settle();
      expect(task.error).toBe(error);
    });

    it('returns an error at once if the manager is shutting down', async () => {
      const { manager, settle, work, clock } = await start();
      watch(manager.queueTask(work(100)));
      await settle();
      watch(manager.stop());
      const task = watch(manager[method](() => 1));
      await settle();
      expect([code(task), clock.now()]).toEqual(['STOPPED', 0]);
    });

    it('takes a Tasker: an object with execute', async () => {
      const { manager, settle } = await start();
      const tasker = { answer: 42, execute: (): number => tasker.answer };
      const task = watch(manager[method](tasker));
      await settle();
      expect(task.value).toBe(42);
    });

    it('gives each its own type of result', async () => {
      const { manager, clock } = await start();
      const text: Promise<string> = manager[method](() => 'text');
      const number: Promise<number> = manager[method](async () => 1);
      await clock.advance(0);
      expect([await text, await number]).toEqual(['text', 1]);
    });
  },
);

describe('QueueTask', () => {
  it('adds a task to the main queue, from which an available worker picks it up', async () => {
    const { manager, settle, work, clock } = await start();
    watch(manager.queueTask(work(10)));
    await settle();
    watch(manager.queueTask(work(10)));
    expect(manager.stats()).toMatchObject({ queuedTasks: 1, priorityTasks: 0, runningTasks: 1 });
    await clock.runAll();
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, runningTasks: 0 });
  });

  it('retries a task that fails unhealthily', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 1, checkHealth: sickIfSo });
    const task = watch(manager.queueTask((_, { attempt }) => (attempt < 3 ? Promise.reject(SICK) : attempt)));
    await clock.runAll();
    expect(task.value).toBe(3);
  });
});

describe('QueueTaskWithPriority', () => {
  it('adds a task to a queue of its own, which is processed before the main queue', async () => {
    const { manager, settle, clock } = await start();
    const log: string[] = [];
    const end = deferred<void>();
    watch(manager.queueTask(() => end.promise));
    await settle();
    for (let i = 1; i <= 3; i++) {
      watch(manager.queueTask(() => log.push(`main ${i}`)));
      watch(manager.queueTaskWithPriority(() => log.push(`priority ${i}`)));
    }
    expect(manager.stats()).toMatchObject({ queuedTasks: 3, priorityTasks: 3 });
    end.resolve();
    await clock.runAll();
    expect(log).toEqual(['priority 1', 'priority 2', 'priority 3', 'main 1', 'main 2', 'main 3']);
  });

  it('retries, too', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 1, checkHealth: sickIfSo });
    const task = watch(
      manager.queueTaskWithPriority((_, { attempt }) => (attempt < 3 ? Promise.reject(SICK) : attempt)),
    );
    await clock.runAll();
    expect(task.value).toBe(3);
  });
});

describe.each(['queueTaskOnce', 'queueTaskWithPriorityOnce'] as const)('%s', (method) => {
  it('executes at most once: an unhealthy failure is returned, not retried', async () => {
    const { manager, clock, fakes } = await start({ maxWorkerCount: 1, checkHealth: sickIfSo });
    let runs = 0;
    const task = watch(
      manager[method](() => {
        runs++;
        return Promise.reject(SICK);
      }),
    );
    await clock.runAll();
    expect([runs, task.error, manager.metrics().totalTasksRetried]).toEqual([1, SICK, 0]);
    expect([fakes.created, fakes.reasons]).toEqual([2, ['sick']]);
  });

  it('adds to its queue', async () => {
    const { manager, settle, work } = await start();
    watch(manager.queueTask(work(10)));
    await settle();
    watch(manager[method](work(10)));
    const isPriority = method === 'queueTaskWithPriorityOnce';
    expect(manager.stats()).toMatchObject({ queuedTasks: isPriority ? 0 : 1, priorityTasks: isPriority ? 1 : 0 });
  });
});

describe('RunTask', () => {
  it('runs at once with a resource of the pool, bypassing both queues', async () => {
    const { manager, settle, work, clock, fakes } = await start({ maxWorkerCount: 1, resourcePoolSize: 1 });
    for (let i = 0; i < 5; i++) watch(manager.queueTask(work(100)));
    await settle();
    const task = watch(manager.runTask((resource) => resource.use(() => resource.id)));
    await settle();
    expect([task.state, clock.now(), fakes.created]).toEqual(['fulfilled', 0, 2]);
    expect(manager.stats()).toMatchObject({ availableResources: 1, queuedTasks: 4 });
  });

  it('creates a temporary resource if none is available, and disposes of it afterwards', async () => {
    const { manager, settle, work, clock, fakes } = await start({ resourcePoolSize: 1 });
    const tasks = [1, 2, 3].map(() => watch(manager.runTask(work(10))));
    await settle();
    expect([manager.stats().temporaryResources, fakes.created]).toEqual([2, 4]);
    await clock.runAll();
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect([fakes.reasons, manager.stats().availableResources]).toEqual([['temporary', 'temporary'], 1]);
  });
});

describe('Stop', () => {
  it('accepts no new tasks, waits for all queued ones to complete, then releases all resources', async () => {
    const { manager, work, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 2, resourcePoolSize: 2 });
    const tasks = Array.from({ length: 10 }, () => watch(manager.queueTask(work(10))));
    const stopping = watch(manager.stop());
    await clock.advance(49);
    expect([stopping.state, fakes.destroyed]).toEqual(['pending', 0]);
    await clock.advance(1);
    expect(tasks.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect([stopping.value?.completed, fakes.destroyed]).toEqual([10, 4]);
  });
});

describe('Kill', () => {
  it('cancels running tasks, drops queued ones and releases resources, without waiting', async () => {
    const { manager, work, settle, fakes, clock } = await start({ resourcePoolSize: 2 });
    const tasks = Array.from({ length: 3 }, () => watch(manager.queueTask(work(1_000))));
    await settle();
    const killing = watch(manager.kill());
    await settle();
    expect([killing.state, clock.now(), fakes.destroyed]).toEqual(['fulfilled', 0, 3]);
    expect(tasks.map((task) => code(task))).toEqual(['KILLED', 'KILLED', 'KILLED']);
  });
});

describe('Stats and Metrics', () => {
  it('are snapshots: numbers that stay as they are', async () => {
    const { manager, work, clock } = await start();
    const stats = manager.stats();
    const metrics = manager.metrics();
    const before = JSON.stringify([stats, metrics]);
    for (let i = 0; i < 5; i++) watch(manager.queueTask(work(10)));
    expect(manager.stats().queuedTasks).toBe(5);
    await clock.runAll();
    expect(manager.metrics().totalTasksCompleted).toBe(5);
    expect(JSON.stringify([stats, metrics])).toBe(before);
  });

  it('can be asked after the shutdown', async () => {
    const { manager, work, clock } = await start();
    watch(manager.queueTask(work(10)));
    await clock.runAll();
    await manager.stop();
    expect([manager.stats().activeWorkers, manager.metrics().totalTasksCompleted]).toEqual([0, 1]);
  });
});

describe('the generic types R and E', () => {
  it('are the resource’s and the task’s', async () => {
    const { manager, settle } = await start();
    const typed: TaskManager<FakeResource> = manager;
    const id: Promise<number> = typed.queueTask((resource) => resource.id);
    await settle();
    expect(await id).toBe(1);
  });
});
