import { describe, expect, it, vi } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { code, start, watch } from '../support/harness.ts';

describe('cancelling a running task', () => {
  it('rejects its promise at once with the reason of the signal, and aborts context.signal', async () => {
    const { manager, settle } = await start();
    const controller = new AbortController();
    const end = deferred<void>();
    let seen: AbortSignal | undefined;
    const task = watch(
      manager.queueTask(
        (_, context) => {
          seen = context.signal;
          return end.promise;
        },
        { signal: controller.signal },
      ),
    );
    await settle();
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    expect(seen?.aborted).toBe(true);
    await Promise.resolve();
    expect([task.state, task.error]).toEqual(['rejected', reason]);
    end.resolve();
  });

  it('aborts context.signal even if that is read only afterwards', async () => {
    const { manager, settle } = await start();
    const controller = new AbortController();
    const end = deferred<void>();
    let isAborted: boolean | undefined;
    watch(
      manager.queueTask(
        async (_, context) => {
          await end.promise;
          isAborted = context.signal.aborted;
        },
        { signal: controller.signal },
      ),
    );
    await settle();
    controller.abort();
    end.resolve();
    await settle();
    expect(isAborted).toBe(true);
  });

  it('quarantines its place: neither reused nor counted idle until the function settles', async () => {
    const { manager, settle, clock, fakes } = await start({ maxWorkerCount: 1 });
    const controller = new AbortController();
    const end = deferred<void>();
    const log: string[] = [];
    watch(manager.queueTask((resource) => resource.use(() => end.promise), { signal: controller.signal }));
    await settle();
    controller.abort();
    watch(manager.queueTask((resource) => resource.use(() => void log.push('next'))));
    await clock.advance(4_999);
    expect(log).toEqual([]);
    expect(manager.stats()).toMatchObject({ quarantinedWorkers: 1, idleWorkers: 0, activeWorkers: 1, queuedTasks: 1 });
    end.resolve();
    await settle();
    expect(log).toEqual(['next']);
    expect(manager.stats()).toMatchObject({ quarantinedWorkers: 0, idleWorkers: 1, activeWorkers: 1 });
    expect([fakes.created, fakes.destroyed]).toEqual([1, 0]);
  });

  it('after abandonAfter, 5 seconds unless told otherwise, destroys the resource and replaces it', async () => {
    const { manager, settle, clock, fakes } = await start({ maxWorkerCount: 1 });
    const controller = new AbortController();
    const end = deferred<void>();
    watch(manager.queueTask((resource) => resource.use(() => end.promise), { signal: controller.signal }));
    const next = watch(manager.queueTask((resource) => resource.id));
    await settle();
    controller.abort();
    await clock.advance(4_999);
    expect([fakes.destroyed, next.state]).toEqual([0, 'pending']);
    await clock.advance(1);
    expect([fakes.reasons, next.value]).toEqual([['abandoned'], 2]);
    expect(manager.stats()).toMatchObject({ quarantinedWorkers: 0, idleWorkers: 1, activeWorkers: 1 });
    end.resolve();
    await settle();
    expect(manager.stats()).toMatchObject({ idleWorkers: 1, activeWorkers: 1 });
  });

  it('gives the function that settles in time no replacement later', async () => {
    const { manager, settle, clock, fakes, timers } = await start({ abandonAfter: 100 });
    const controller = new AbortController();
    watch(manager.queueTask((resource) => resource.work(50), { signal: controller.signal }));
    await settle();
    controller.abort();
    await clock.advance(1_000);
    expect([fakes.created, fakes.destroyed, timers.armed]).toEqual([1, 0, 0]);
  });

  it.each(['rejects', 'resolves'])('ignores that an abandoned function finally %s', async (how) => {
    const { manager, settle, clock } = await start({ maxWorkerCount: 1, abandonAfter: 10 });
    const controller = new AbortController();
    const end = deferred<void>();
    const task = watch(manager.queueTask(() => end.promise, { signal: controller.signal }));
    await settle();
    controller.abort('enough');
    await clock.advance(10);
    if (how === 'rejects') end.reject(new Error('too late'));
    else end.resolve();
    await settle();
    expect([task.error, task.settlements]).toEqual(['enough', 1]);
    expect(manager.metrics()).toMatchObject({ totalTasksCompleted: 0, totalTasksFailed: 0, totalTasksCancelled: 1 });
  });

  it('holds for runTask, too: a pooled resource is not lent while the function still uses it', async () => {
    const { manager, settle, clock, fakes } = await start({ resourcePoolSize: 1, maxTemporaryResources: 0 });
    const controller = new AbortController();
    watch(manager.runTask((resource) => resource.work(300), { signal: controller.signal }));
    const next = watch(manager.runTask((resource) => resource.work(1)));
    await settle();
    controller.abort();
    await clock.advance(299);
    expect(next.state).toBe('pending');
    await clock.advance(2);
    expect([next.state, fakes.created]).toEqual(['fulfilled', 2]);
  });

  it('holds for runTask, too: after abandonAfter the pool is refilled', async () => {
    const { manager, settle, clock, fakes } = await start({
      resourcePoolSize: 1,
      maxTemporaryResources: 0,
      abandonAfter: 100,
    });
    const controller = new AbortController();
    watch(manager.runTask((resource) => resource.work(300), { signal: controller.signal }));
    const next = watch(manager.runTask((resource) => resource.work(1)));
    await settle();
    controller.abort();
    await clock.advance(101);
    expect([next.state, fakes.reasons]).toEqual(['fulfilled', ['abandoned']]);
  });

  it('destroys a temporary resource only when the function has settled', async () => {
    const { manager, settle, clock, fakes } = await start();
    const controller = new AbortController();
    watch(manager.runTask((resource) => resource.work(300), { signal: controller.signal }));
    await settle();
    controller.abort();
    await clock.advance(299);
    expect(fakes.destroyed).toBe(0);
    await clock.advance(1);
    expect(fakes.reasons).toEqual(['temporary']);
  });

  it('may be asked for from inside the task, before that has returned anything', async () => {
    const { manager, settle } = await start();
    const controller = new AbortController();
    const first = watch(
      manager.queueTask(
        () => {
          controller.abort('from inside');
          return 'a value that comes too late';
        },
        { signal: controller.signal },
      ),
    );
    const second = watch(manager.queueTask(() => 2));
    await settle();
    expect([first.error, second.value]).toEqual(['from inside', 2]);
    expect(manager.stats().quarantinedWorkers).toBe(0);
  });
});

describe('while functions outlive their tasks,', () => {
  it('never more than maxWorkerCount tasks run, whatever is cancelled', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
    let running = 0;
    let most = 0;
    for (let i = 0; i < 10; i++) {
      watch(
        manager.queueTask(
          async (resource) => {
            running++;
            most = Math.max(most, running);
            await resource.work(100);
            running--;
          },
          { timeout: 20 },
        ),
      );
    }
    await clock.advance(1_000);
    expect([most, running]).toEqual([2, 0]);
  });

  it('no task meets a resource that another still uses', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, maxWorkerCount: 4, abandonAfter: 70 });
    for (let i = 0; i < 30; i++) watch(manager.queueTask((resource) => resource.work(100), { timeout: 1 + i }));
    await clock.runAll();
    expect(fakes.violations).toEqual([]);
  });
});

describe('stop()', () => {
  it('waits for quarantined functions', async () => {
    const { manager, settle, clock, fakes } = await start();
    const controller = new AbortController();
    watch(manager.queueTask((resource) => resource.work(300), { signal: controller.signal }));
    await settle();
    controller.abort();
    await settle();
    const stopping = watch(manager.stop());
    await clock.advance(299);
    expect([stopping.state, fakes.destroyed]).toEqual(['pending', 0]);
    await clock.advance(1);
    expect([stopping.state, fakes.destroyed]).toEqual(['fulfilled', 1]);
    expect(stopping.value?.abandoned).toEqual([]);
  });

  it('waits for them abandonAfter at most, and reports those given up as abandoned', async () => {
    const { manager, settle, clock } = await start({ abandonAfter: 100 });
    const controller = new AbortController();
    const options = { signal: controller.signal, name: 'stubborn' };
    watch(manager.queueTask((resource) => resource.work(10_000), options));
    await settle();
    controller.abort();
    await clock.advance(40);
    const stopping = watch(manager.stop());
    await clock.advance(59);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect(stopping.state).toBe('fulfilled');
    expect(stopping.value?.abandoned.map(({ name }) => name)).toEqual(['stubborn']);
  });
});

describe('a timed-out task', () => {
  it.each([
    ['timeout', 'TIMEOUT'],
    ['deadline', 'DEADLINE'],
  ])('counts as failed, is not shown to checkHealth and not retried (%s)', async (option, expected) => {
    const checkHealth = vi.fn(() => false);
    const { manager, clock, fakes } = await start({ checkHealth });
    let runs = 0;
    let signal: AbortSignal | undefined;
    const task = watch(
      manager.queueTask(
        async (resource, context) => {
          runs++;
          signal = context.signal;
          await resource.work(50);
          throw SICK;
        },
        { [option]: 20 },
      ),
    );
    await clock.advance(20);
    expect([code(task), signal?.aborted]).toEqual([expected, true]);
    await clock.advance(100);
    expect([runs, fakes.created, checkHealth.mock.calls]).toEqual([1, 1, []]);
    expect(manager.metrics()).toMatchObject({
      totalTasksFailed: 1,
      totalTasksRetried: 0,
      totalTasksCancelled: 0,
      failureRate: 1,
    });
  });

  it('times each run anew', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 1, checkHealth: sickIfSo });
    const task = watch(
      manager.queueTask(
        async (resource, { attempt }) => {
          await resource.work(15);
          if (attempt < 3) throw SICK;
          return attempt;
        },
        { timeout: 20 },
      ),
    );
    await clock.runAll();
    expect(task.value).toBe(3);
  });
});

describe('a resource that is invalidated', () => {
  it('takes no new task and is destroyed once its task has ended', async () => {
    const { manager, clock, settle, fakes } = await start({ maxWorkerCount: 1 });
    const log: string[] = [];
    watch(
      manager.queueTask((resource, context) => {
        context.invalidate();
        log.push(`first on ${resource.id}`);
        return resource.work(50);
      }),
    );
    watch(manager.queueTask((resource) => resource.use(() => void log.push(`second on ${resource.id}`))));
    await settle();
    await clock.advance(49);
    expect([log, fakes.destroyed]).toEqual([['first on 1'], 0]);
    await clock.advance(1);
    expect([log, fakes.reasons]).toEqual([['first on 1', 'second on 2'], ['invalidated']]);
  });

  it('counts as active until then', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 1 });
    watch(manager.queueTask((resource, { invalidate }) => (invalidate(), resource.work(50))));
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, runningTasks: 1 });
    await clock.advance(50);
  });

  it('in quarantine is given up after abandonAfter like any other', async () => {
    const { manager, clock, settle, fakes } = await start({ maxWorkerCount: 1, abandonAfter: 100 });
    const controller = new AbortController();
    watch(
      manager.queueTask(
        (resource, context) => {
          context.invalidate();
          return resource.work(1_000);
        },
        { signal: controller.signal },
      ),
    );
    const next = watch(manager.queueTask((resource) => resource.id));
    await settle();
    controller.abort();
    await clock.advance(99);
    expect([fakes.destroyed, next.state]).toEqual([0, 'pending']);
    await clock.advance(1);
    expect([fakes.destroyed, next.value]).toEqual([1, 2]);
  });
});
