import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/metrics/logger.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { code, start, watch } from '../support/harness.ts';

describe('stop()', () => {
  it('takes no new tasks, by whichever method', async () => {
    const { manager, work, settle, clock } = await start();
    watch(manager.queueTask(work(10)));
    await settle();
    watch(manager.stop());
    let runs = 0;
    const task = (): number => ++runs;
    const late = [
      manager.queueTask(task),
      manager.queueTaskOnce(task),
      manager.queueTaskWithPriority(task),
      manager.queueTaskWithPriorityOnce(task),
      manager.runTask(task),
    ].map((promise) => watch(promise));
    await settle();
    expect(late.map((result) => code(result))).toEqual(['STOPPED', 'STOPPED', 'STOPPED', 'STOPPED', 'STOPPED']);
    expect(late[0]?.error).toMatchObject({ message: 'the task manager is shutting down' });
    await clock.runAll();
    const afterwards = watch(manager.queueTask(task));
    await settle();
    expect([code(afterwards), runs]).toEqual(['STOPPED', 0]);
    expect((afterwards.error as Error).message).toBe('the task manager is stopped');
    expect(manager.metrics().totalTasksArrived).toBe(1);
  });

  it('lets queued and running tasks finish, and destroys the resources only then', async () => {
    const log: string[] = [];
    const { manager, settle, clock } = await start({
      fakes: {
        destroyDelay: (n) => {
          log.push(`destroy ${n}`);
          return 5;
        },
      },
    });
    const step = (name: string) => async (resource: { work(ms: number): Promise<void> }) => {
      await resource.work(10);
      log.push(name);
    };
    const tasks = ['running', 'queued', 'queued, too'].map((name) => watch(manager.queueTask(step(name))));
    await settle();
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect(log).toEqual(['running', 'queued', 'queued, too', 'destroy 1']);
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(stopping.state).toBe('fulfilled');
  });

  it('lets tasks finish that were submitted in the same stretch and have not started', async () => {
    const { manager, clock } = await start();
    const task = watch(manager.queueTask(() => 'done'));
    const direct = watch(manager.runTask(() => 'done, too'));
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect([task.value, direct.value, stopping.state]).toEqual(['done', 'done, too', 'fulfilled']);
  });

  it('lets a retry finish that waits for its backoff', async () => {
    const { manager, clock, settle } = await start({
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1_000 }),
    });
    const task = watch(
      manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : Promise.resolve(attempt))),
    );
    await settle();
    const stopping = watch(manager.stop());
    await clock.advance(999);
    expect([task.state, stopping.state]).toEqual(['pending', 'pending']);
    await clock.advance(1);
    expect([task.value, stopping.state]).toEqual([2, 'fulfilled']);
  });

  it('replaces a sick resource if tasks still need it', async () => {
    const { manager, clock, settle } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      fakes: { createDelay: 50, destroyDelay: 50 },
    });
    const first = watch(
      manager.queueTask((resource, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : resource.id)),
    );
    const second = watch(manager.queueTask((resource) => resource.id));
    const stopping = watch(manager.stop());
    await settle();
    await clock.runAll();
    expect([first.value, second.value, stopping.state]).toEqual([2, 2, 'fulfilled']);
  });

  it('lets a runTask finish that waits for its turn', async () => {
    const { manager, clock, work, settle } = await start({ resourcePoolSize: 1, maxTemporaryResources: 0 });
    const tasks = [1, 2, 3].map(() => watch(manager.runTask(work(10))));
    await settle();
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(stopping.value?.completed).toBe(3);
  });

  it('lets a runTask finish whose temporary resource is being made', async () => {
    const { manager, clock, settle } = await start({ fakes: { createDelay: 50 } });
    const task = watch(manager.runTask((resource) => resource.use(() => 'done')));
    await settle();
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect([task.value, stopping.value?.completed]).toEqual(['done', 1]);
  });

  it('destroys a pooled resource that comes up when everything else has ended', async () => {
    const { manager, clock, fakes, settle } = await start({
      resourcePoolSize: 1,
      checkHealth: () => false,
      fakes: { createDelay: (n) => (n > 2 ? 100 : 0) },
    });
    watch(manager.runTask(() => Promise.reject(SICK)));
    await settle();
    const stopping = watch(manager.stop());
    await clock.advance(99);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect([stopping.state, fakes.reasons]).toEqual(['fulfilled', ['sick', 'shutdown', 'shutdown']]);
  });

  it.each(['stop', 'kill'] as const)('ends once, by %s(), whichever resource goes last', async (end) => {
    for (const slow of [1, 2]) {
      const log: string[] = [];
      const info = (line: string): void => void log.push(line);
      const { manager, clock } = await start({
        resourcePoolSize: 1,
        logger: { ...silentLogger, info },
        fakes: { destroyDelay: (n) => (n === slow ? 100 : 0) },
      });
      watch(manager[end]());
      await clock.runAll();
      expect(log.filter((line) => line.endsWith('stopped'))).toHaveLength(1);
    }
  });

  it('does not abort the signals of running tasks', async () => {
    const { manager, clock, settle } = await start();
    const seen: boolean[] = [];
    watch(
      manager.queueTask(async (resource, { signal }) => {
        await resource.work(100);
        seen.push(signal.aborted);
      }),
    );
    await settle();
    watch(manager.stop({ timeout: 1_000 }));
    await clock.runAll();
    expect(seen).toEqual([false]);
  });

  it('does not hang when queued tasks need a worker and none can be made', async () => {
    const { manager, clock, settle } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      fakes: { failCreate: (n) => n > 1 },
    });
    const task = watch(manager.queueTask(() => Promise.reject(SICK)));
    await settle();
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect([code(task), stopping.state]).toEqual(['CREATE_FAILED', 'fulfilled']);
    expect(stopping.value?.failed).toBe(1);
  });

  it('does not hang when a destruction does: destroyTimeout bounds it', async () => {
    const { manager, clock } = await start({ destroyTimeout: 100, fakes: { hangDestroy: true } });
    const stopping = watch(manager.stop());
    await clock.advance(99);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect(stopping.state).toBe('fulfilled');
  });

  it('does not hang when a destruction fails', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, fakes: { failDestroy: true } });
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect(stopping.state).toBe('fulfilled');
  });

  it('destroys side by side', async () => {
    const { manager, clock } = await start({
      workerCount: 3,
      maxWorkerCount: 3,
      resourcePoolSize: 2,
      fakes: { destroyDelay: 100 },
    });
    const stopping = watch(manager.stop());
    await clock.advance(100);
    expect(stopping.state).toBe('fulfilled');
  });
});

describe('the report', () => {
  it('counts what was completed and what failed since stop() was called, and how long it took', async () => {
    const { manager, clock, settle, work } = await start();
    watch(manager.queueTask(work(10)));
    watch(manager.queueTask(() => Promise.reject(new Error('before'))));
    await clock.runAll();
    watch(manager.queueTask(work(30)));
    watch(manager.queueTask(work(30)));
    watch(manager.queueTask(() => Promise.reject(new Error('own'))));
    await settle();
    await clock.advance(10);
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect(stopping.value).toEqual({ completed: 2, failed: 1, dropped: [], abandoned: [], durationMs: 50 });
  });

  it('has the TaskInfo of the tasks dropped and abandoned by the timeout', async () => {
    const { manager, clock, settle, work } = await start({ maxWorkerCount: 1 });
    watch(manager.queueTask(work(10), { name: 'quick' }));
    watch(manager.queueTask(work(1_000), { name: 'slow' }));
    watch(manager.queueTask(work(10), { name: 'waiting', priority: -1, key: 'k' }));
    await settle();
    const stopping = watch(manager.stop({ timeout: 100 }));
    await clock.advance(100);
    expect(stopping.value).toMatchObject({ completed: 1, failed: 0, durationMs: 100 });
    expect(stopping.value?.dropped).toMatchObject([{ name: 'waiting', priority: -1, key: 'k', attempt: 0 }]);
    expect(stopping.value?.abandoned).toMatchObject([{ name: 'slow', attempt: 1 }]);
  });
});

describe('with a timeout, stop()', () => {
  it('turns into kill() when that passes', async () => {
    const { manager, clock, settle, fakes } = await start({ maxWorkerCount: 1 });
    const end = deferred<void>();
    let signal: AbortSignal | undefined;
    const running = watch(
      manager.queueTask((_, context) => {
        signal = context.signal;
        return end.promise;
      }),
    );
    const queued = watch(manager.queueTask(() => 1));
    await settle();
    const stopping = watch(manager.stop({ timeout: 100 }));
    await clock.advance(99);
    expect([running.state, queued.state, signal?.aborted, fakes.destroyed]).toEqual(['pending', 'pending', false, 0]);
    await clock.advance(1);
    expect([code(running), code(queued), signal?.aborted, fakes.destroyed]).toEqual(['KILLED', 'KILLED', true, 1]);
    expect([stopping.state, manager.stats().state]).toEqual(['fulfilled', 'killed']);
    expect((queued.error as Error).cause).toMatchObject({ message: 'stop() took longer than its timeout, 100 ms' });
    end.resolve();
  });

  it('is a plain stop() if all is done before', async () => {
    const { manager, clock, settle, work, timers } = await start();
    const task = watch(manager.queueTask(work(50)));
    await settle();
    const stopping = watch(manager.stop({ timeout: 100 }));
    await clock.advance(50);
    expect([task.state, stopping.state, manager.stats().state, timers.armed]).toEqual([
      'fulfilled',
      'fulfilled',
      'stopped',
      0,
    ]);
  });

  it('also gives up a destruction that takes longer', async () => {
    const { manager, clock } = await start({ destroyTimeout: 1_000, fakes: { hangDestroy: true } });
    const stopping = watch(manager.stop({ timeout: 100 }));
    await clock.advance(1_000);
    expect(stopping.state).toBe('fulfilled');
  });

  it.each([-1, NaN, '5'])('refuses %s as timeout and changes nothing', async (timeout) => {
    const { manager } = await start();
    await expect(manager.stop({ timeout: timeout as number })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    expect(manager.stats().state).toBe('running');
  });
});
