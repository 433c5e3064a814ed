import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { code, start, watch } from '../support/harness.ts';

describe('kill()', () => {
  it('rejects queued and running tasks with KILLED at once, and aborts their signals', async () => {
    const { manager, settle, clock } = await start();
    const end = deferred<void>();
    let signal: AbortSignal | undefined;
    const running = watch(
      manager.queueTask((_, context) => {
        signal = context.signal;
        return end.promise;
      }),
    );
    await settle();
    const queued = [manager.queueTask(() => 1), manager.queueTaskWithPriority(() => 1)].map((task) => watch(task));
    const direct = watch(manager.runTask(() => end.promise));
    await settle();
    const killing = watch(manager.kill());
    expect(signal?.aborted).toBe(true);
    await Promise.resolve();
    expect([running, ...queued, direct].map((task) => code(task))).toEqual(['KILLED', 'KILLED', 'KILLED', 'KILLED']);
    await clock.advance(0);
    expect(killing.state).toBe('fulfilled');
    end.resolve();
  });

  it('tells its reason as the cause', async () => {
    for (const reason of [new Error('enough'), undefined]) {
      const { manager, settle, clock } = await start();
      const queued = watch(manager.queueTask(() => 1));
      watch(manager.kill(reason));
      await settle();
      expect([code(queued), (queued.error as Error).cause]).toEqual(['KILLED', reason]);
      expect(Object.hasOwn(queued.error as Error, 'cause')).toBe(reason !== undefined);
      await clock.advance(0);
    }
  });

  it('rejects a retry that waits for its backoff', async () => {
    const { manager, settle, timers } = await start({
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1_000 }),
    });
    const task = watch(manager.queueTask(() => Promise.reject(SICK)));
    await settle();
    await manager.kill();
    expect([code(task), timers.armed]).toEqual(['KILLED', 0]);
  });

  it('rejects tasks that were submitted in the same stretch, which never start', async () => {
    const { manager, clock } = await start();
    let runs = 0;
    const tasks = [manager.queueTask(() => ++runs), manager.runTask(() => ++runs)].map((task) => watch(task));
    watch(manager.kill());
    await clock.runAll();
    expect([...tasks.map((task) => code(task)), runs]).toEqual(['KILLED', 'KILLED', 0]);
  });

  it('destroys every resource without waiting for task functions', async () => {
    const { manager, settle, work, fakes } = await start({ workerCount: 2, maxWorkerCount: 2, resourcePoolSize: 1 });
    watch(manager.queueTask(work(10_000)));
    watch(manager.runTask(work(10_000)));
    watch(manager.runTask(work(10_000)));
    await settle();
    const report = await manager.kill();
    expect([fakes.created, fakes.destroyed, fakes.reasons]).toEqual([4, 4, Array(4).fill('shutdown')]);
    expect([report.completed, report.failed, report.dropped.length, report.abandoned.length]).toEqual([0, 0, 0, 3]);
  });

  it('reports the queued tasks as dropped and the running ones as abandoned', async () => {
    const { manager, settle, work } = await start();
    watch(manager.queueTask(work(10_000), { name: 'running' }));
    await settle();
    watch(manager.queueTask(work(1), { name: 'queued' }));
    watch(manager.queueTask(work(1), { name: 'urgent', priority: 3 }));
    await settle();
    const report = await manager.kill();
    expect(new Set(report.dropped.map(({ name }) => name))).toEqual(new Set(['queued', 'urgent']));
    expect(report.abandoned).toMatchObject([{ name: 'running', attempt: 1 }]);
  });

  it('reports quarantined functions as abandoned, too', async () => {
    const { manager, settle, work } = await start();
    const controller = new AbortController();
    watch(manager.queueTask(work(1_000), { name: 'quarantined', signal: controller.signal }));
    await settle();
    controller.abort();
    const report = await manager.kill();
    expect(report.abandoned.map(({ name }) => name)).toEqual(['quarantined']);
  });

  it('resolves within destroyTimeout even if onDestroy hangs', async () => {
    const { manager, clock, work, settle } = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      resourcePoolSize: 1,
      destroyTimeout: 100,
      fakes: { hangDestroy: true },
    });
    watch(manager.queueTask(work(10_000)));
    await settle();
    const killing = watch(manager.kill());
    await clock.advance(99);
    expect(killing.state).toBe('pending');
    await clock.advance(1);
    expect(killing.state).toBe('fulfilled');
  });

  it('resolves within destroyTimeout even if a destruction was under way', async () => {
    const { manager, clock, settle } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      destroyTimeout: 100,
      fakes: { hangDestroy: true },
    });
    watch(manager.queueTask(() => Promise.reject(SICK)));
    await settle();
    await clock.advance(50);
    const killing = watch(manager.kill());
    await clock.advance(100);
    expect(killing.state).toBe('fulfilled');
  });

  it('does not wait for a creation under way; what it brings is destroyed on arrival', async () => {
    const { manager, clock, settle, fakes } = await start({ fakes: { createDelay: (n) => (n === 1 ? 0 : 100) } });
    const task = watch(manager.runTask((resource) => resource.use()));
    await settle();
    const report = await manager.kill();
    expect([code(task), report.durationMs, fakes.created, fakes.destroyed]).toEqual(['KILLED', 0, 1, 1]);
    await clock.runAll();
    expect([fakes.created, fakes.destroyed, fakes.reasons]).toEqual([2, 2, ['shutdown', 'late']]);
  });

  it.each([undefined, 'enough'])(
    'does not wait for a creation that hangs, and tells it by its signal: %s',
    async (reason) => {
      const signals: AbortSignal[] = [];
      const { manager, clock, settle, timers } = await start({
        onCreate: (context) => {
          signals.push(context.signal);
          return signals.length === 1 ? Promise.resolve({} as never) : new Promise(() => {});
        },
        onDestroy: () => {},
      });
      watch(manager.runTask(() => 1));
      await settle();
      const killing = watch(manager.kill(reason));
      await clock.advance(0);
      expect([killing.state, signals[1]?.aborted, timers.armed]).toEqual(['fulfilled', true, 0]);
      if (reason === undefined) expect(signals[1]?.reason).toMatchObject({ code: 'KILLED' });
      else expect(signals[1]?.reason).toBe(reason);
    },
  );

  it('destroys an invalidated resource in use as part of the shutdown', async () => {
    const { manager, settle } = await start({ maxWorkerCount: 1 });
    watch(
      manager.queueTask((resource, context) => {
        context.invalidate();
        return resource.work(10_000);
      }),
    );
    await settle();
    await manager.kill();
  });

  it('takes no new tasks', async () => {
    const { manager, settle } = await start();
    watch(manager.kill());
    const tasks = [manager.queueTask(() => 1), manager.runTask(() => 1)].map((task) => watch(task));
    await settle();
    expect(tasks.map((task) => code(task))).toEqual(['STOPPED', 'STOPPED']);
  });

  it('counts the killed as cancelled only', async () => {
    const { manager, settle, work } = await start();
    watch(manager.queueTask(work(100)));
    watch(manager.queueTask(work(100)));
    await settle();
    await manager.kill();
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: 2,
      totalTasksCompleted: 0,
      totalTasksFailed: 0,
      totalTasksCancelled: 2,
    });
  });

  it('may be called by a task', async () => {
    const { manager, clock } = await start();
    let killing = watch<unknown>(new Promise(() => {}));
    const task = watch(
      manager.queueTask(() => {
        killing = watch(manager.kill());
        return 'too late';
      }),
    );
    const queued = watch(manager.queueTask(() => 1));
    await clock.runAll();
    expect([code(task), code(queued), killing.state]).toEqual(['KILLED', 'KILLED', 'fulfilled']);
  });

  it('may be called by checkHealth, which judges a task: that one is abandoned once, and of its key nothing is left', async () => {
    let killing = watch<unknown>(new Promise(() => {}));
    const { manager, clock } = await start({
      checkHealth: () => {
        killing = watch(manager.kill());
        return true;
      },
    });
    const task = watch(manager.queueTask(() => Promise.reject(SICK), { key: 'a' }));
    await clock.runAll();
    expect([code(task), killing.value]).toMatchObject(['KILLED', { abandoned: [{ key: 'a' }], dropped: [] }]);
    expect(manager.inspect()).toMatchObject({ workers: [], keys: [] });
  });
});

describe('kill() during stop()', () => {
  it('takes over: both promises resolve', async () => {
    const { manager, settle, work, clock } = await start({ maxWorkerCount: 1 });
    const running = watch(manager.queueTask(work(10_000)));
    const queued = watch(manager.queueTask(work(10)));
    await settle();
    const stopping = watch(manager.stop());
    await clock.advance(100);
    const killing = watch(manager.kill());
    await settle();
    expect([code(running), code(queued), stopping.state, killing.state]).toEqual([
      'KILLED',
      'KILLED',
      'fulfilled',
      'fulfilled',
    ]);
    expect(manager.stats().state).toBe('killed');
    expect(stopping.value?.dropped.length).toBe(1);
    expect(killing.value?.abandoned.length).toBe(1);
  });

  it('takes over while the resources are being destroyed', async () => {
    const { manager, clock } = await start({ destroyTimeout: 100, fakes: { hangDestroy: true } });
    const stopping = watch(manager.stop());
    await clock.advance(50);
    const killing = watch(manager.kill());
    await clock.advance(100);
    expect([stopping.state, killing.state]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('takes over from stop() with a timeout, whose timer is gone', async () => {
    const { manager, settle, work, timers } = await start();
    watch(manager.queueTask(work(10_000)));
    await settle();
    const stopping = watch(manager.stop({ timeout: 5_000 }));
    await settle();
    await manager.kill();
    await settle();
    expect([stopping.state, timers.armed]).toEqual(['fulfilled', 0]);
  });
});

describe('a second call', () => {
  it('of stop() while stopping returns the same promise', async () => {
    const { manager, settle, work, clock } = await start();
    watch(manager.queueTask(work(100)));
    await settle();
    const first = manager.stop();
    const second = manager.stop();
    expect(second).toBe(first);
    await clock.runAll();
    expect(await second).toBe(await first);
  });

  it('of stop() or kill() after a shutdown resolves with its report', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const { manager, work, settle } = await start();
      watch(manager.queueTask(work(100)));
      await settle();
      const ending = manager[end]();
      if (end === 'stop') void manager.kill();
      const report = await ending;
      expect(report.abandoned).toHaveLength(1);
      for (const again of [manager.stop(), manager.kill(), manager.stop({ timeout: 5 })])
        expect(await again).toBe(report);
      await manager[Symbol.asyncDispose]();
    }
  });

  it('of kill() or stop() while killed settles, too', async () => {
    const { manager, clock } = await start({ destroyTimeout: 100, fakes: { hangDestroy: true } });
    const calls = [manager.kill(), manager.kill(), manager.stop()].map((promise) => watch(promise));
    await clock.runAll();
    expect(calls.map(({ state }) => state)).not.toContain('pending');
    expect(calls[0]?.state).toBe('fulfilled');
  });

  it('of kill() while killed tells nothing anew', async () => {
    const lines: string[] = [];
    const log = (line: string): void => void lines.push(line);
    const { manager, clock } = await start({ logger: { ...silentLogger, info: log } });
    watch(manager.kill());
    watch(manager.kill());
    await clock.advance(0);
    expect(lines).toEqual(['tasker: killed', 'tasker: stopped']);
  });
});
