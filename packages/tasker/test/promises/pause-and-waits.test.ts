import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import { start, watch } from '../support/harness.ts';

describe('pause and resume', () => {
  it('running tasks go on and nothing new starts until resume', async () => {
    const { manager, clock } = await start({ workerCount: 2 });
    const running = watch(manager.queueTask((resource) => resource.work(50)));
    await clock.advance(10);
    manager.pause();
    const waiting = watch(manager.queueTask(() => 'started'));
    await clock.advance(10_000);
    expect([running.state, waiting.state, manager.stats().state, manager.stats().queuedTasks]).toEqual([
      'fulfilled',
      'pending',
      'paused',
      1,
    ]);
    manager.resume();
    await clock.advance(0);
    expect([waiting.value, manager.stats().state]).toEqual(['started', 'running']);
  });

  it('also nothing that was submitted in the same synchronous stretch before the pause', async () => {
    const { manager, clock } = await start();
    const outcome = watch(manager.queueTask(() => 1));
    manager.pause();
    await clock.advance(10);
    expect(outcome.state).toBe('pending');
    manager.resume();
    await clock.advance(0);
  });

  it('a worker that ends a task meanwhile takes no other, though tasks wait for it', async () => {
    const { manager, clock } = await start({ maxWorkerCount: 1 });
    const running = watch(manager.queueTask((resource) => resource.work(50)));
    const waiting = watch(manager.queueTask(() => 'started'));
    await clock.advance(10);
    manager.pause();
    await clock.advance(100);
    expect([running.state, waiting.state]).toEqual(['fulfilled', 'pending']);
    manager.resume();
    await clock.advance(0);
    expect(waiting.value).toBe('started');
  });

  it('by a task is at once: what was to start beside it or after it waits', async () => {
    for (const workerCount of [1, 2]) {
      const { manager, clock } = await start({ workerCount, maxWorkerCount: workerCount });
      watch(manager.queueTask(() => manager.pause()));
      const waiting = watch(manager.queueTask(() => 'started'));
      await clock.advance(100);
      expect(waiting.state).toBe('pending');
      manager.resume();
      await clock.advance(0);
      expect(waiting.value).toBe('started');
    }
  });

  it('starts no worker for what waits meanwhile', async () => {
    const { manager, clock, fakes } = await start({ maxWorkerCount: 10, targetWait: 0 });
    manager.pause();
    for (let i = 0; i < 20; i++) watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(5_000);
    expect(fakes.created).toBe(1);
    manager.resume();
    await clock.advance(10_000);
  });

  it('holds retries, too', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10 }) });
    const attempts: number[] = [];
    watch(
      manager.queueTask((_, { attempt }) => {
        attempts.push(attempt);
        if (attempt === 1) throw new Error('sick');
      }),
    );
    await clock.advance(5);
    manager.pause();
    await clock.advance(100);
    expect(attempts).toEqual([1]);
    manager.resume();
    await clock.advance(0);
    expect(attempts).toEqual([1, 2]);
  });

  it('in order of priority after the resume, and twice does nothing', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    manager.on('paused', () => log.push('paused'));
    manager.on('resumed', () => log.push('resumed'));
    manager.resume();
    manager.pause();
    manager.pause();
    watch(manager.queueTask(() => void log.push('0')));
    watch(manager.queueTask(() => void log.push('1'), { priority: 1 }));
    await clock.advance(0);
    manager.resume();
    manager.resume();
    await clock.advance(0);
    expect(log).toEqual(['paused', 'resumed', '1', '0']);
  });

  it('does not stop the clocks of what waits', async () => {
    const { manager, clock } = await start();
    manager.pause();
    const controller = new AbortController();
    const all = [
      watch(manager.queueTask(() => 1, { queueTimeout: 10 })),
      watch(manager.queueTask(() => 1, { deadline: 10 })),
      watch(manager.queueTask(() => 1, { signal: controller.signal })),
    ];
    controller.abort();
    await clock.advance(10);
    expect(all.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected']);
    manager.resume();
  });

  it('while stopping is ignored, and a stop resumes', async () => {
    const { manager, clock } = await start();
    manager.pause();
    const waiting = watch(manager.queueTask((resource) => resource.work(10)));
    const stopping = watch(manager.stop());
    manager.pause();
    expect(manager.stats().state).toBe('stopping');
    await clock.advance(10);
    expect([waiting.state, stopping.state]).toEqual(['fulfilled', 'fulfilled']);
    manager.pause();
    manager.resume();
    expect(manager.stats().state).toBe('stopped');
  });
});

describe('onIdle', () => {
  it('resolves when nothing is queued and nothing runs', async () => {
    const { manager, clock } = await start({ scaling: 'off', resourcePoolSize: 1 });
    const before = watch(manager.onIdle());
    await clock.advance(0);
    expect(before.state).toBe('fulfilled');
    watch(manager.queueTask((resource) => resource.work(10)));
    watch(manager.queueTask((resource) => resource.work(10)));
    watch(manager.runTask((resource) => resource.work(30)));
    const idle = [watch(manager.onIdle()), watch(manager.onIdle())];
    await clock.advance(29);
    expect(idle.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await clock.advance(1);
    expect(idle.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('waits for retries and for quarantined functions', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 50 }) });
    watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw new Error('sick');
      }),
    );
    await clock.advance(10);
    const afterRetry = watch(manager.onIdle());
    await clock.advance(39);
    expect(afterRetry.state).toBe('pending');
    await clock.advance(1);
    expect(afterRetry.state).toBe('fulfilled');
    watch(manager.queueTask((resource) => resource.work(100), { timeout: 10 }));
    await clock.advance(20);
    const afterQuarantine = watch(manager.onIdle());
    await clock.advance(79);
    expect(afterQuarantine.state).toBe('pending');
    await clock.advance(1);
    expect(afterQuarantine.state).toBe('fulfilled');
  });

  it('is not woken when one of several is cancelled, or the function of one that was', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
    watch(manager.queueTask((resource) => resource.work(100)));
    const [running, waiting] = [new AbortController(), new AbortController()];
    watch(manager.queueTask((resource) => resource.work(50), { signal: running.signal }));
    await clock.advance(0);
    watch(manager.queueTask(() => 1, { signal: waiting.signal }));
    const idle = watch(manager.onIdle());
    waiting.abort();
    await clock.advance(10);
    running.abort();
    await clock.advance(80); // the cancelled function has ended
    expect(idle.state).toBe('pending');
    await clock.advance(10);
    expect(idle.state).toBe('fulfilled');
  });

  it('settles when the manager is killed, or after its shutdown', async () => {
    const { manager, clock } = await start();
    watch(manager.queueTask(() => new Promise(() => {})));
    await clock.advance(0);
    const idle = watch(manager.onIdle());
    const size = watch(manager.onSizeLessThan(1));
    watch(manager.kill());
    await clock.advance(0);
    const after = [watch(manager.onIdle()), watch(manager.onSizeLessThan(1))];
    await clock.advance(0);
    expect([idle, size, ...after].map(({ state }) => state)).not.toContain('pending');
  });
});

describe('onSizeLessThan', () => {
  it('counts what is queued, not what runs; retries are queued', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 50 }),
    });
    watch(
      manager.queueTask((resource, { attempt }) => {
        if (attempt === 1) throw new Error('sick');
        return resource.work(20);
      }),
    );
    await clock.advance(10);
    const outcome = watch(manager.onSizeLessThan(1));
    await clock.advance(39);
    expect(outcome.state).toBe('pending');
    await clock.advance(1);
    expect([outcome.state, manager.stats().runningTasks]).toEqual(['fulfilled', 1]);
  });

  it('several wait side by side, each for its own limit, and none is forgotten', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    for (let i = 0; i < 5; i++) watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(0);
    const waits = [1, 4, 2].map((limit) => watch(manager.onSizeLessThan(limit)));
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      await clock.advance(10);
      seen.push(waits.map(({ state }) => (state === 'pending' ? '-' : '+')).join(''));
    }
    expect(seen).toEqual(['-+-', '-+-', '-++', '+++']); // 3, 2, 1 and none are queued
    await clock.advance(10);
  });

  it('resolves when what waits is cancelled, times out or is dropped', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(1_000)));
    await clock.advance(0);
    const handle = manager.submit(() => 1);
    watch(manager.queueTask(() => 1, { queueTimeout: 10 }));
    const outcome = watch(manager.onSizeLessThan(1));
    handle.cancel();
    await clock.advance(9);
    expect(outcome.state).toBe('pending');
    await clock.advance(1);
    expect(outcome.state).toBe('fulfilled');
  });

  it('rejects what is no limit', async () => {
    const { manager } = await start();
    for (const limit of [NaN, -1, 0, '3' as never]) {
      await expect(manager.onSizeLessThan(limit)).rejects.toSatisfy((error) => isTaskerError(error, 'INVALID_CONFIG'));
    }
  });
});

describe('inspect', () => {
  it('shows who holds what, for how long, doing what, with what behind it', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      resourcePoolSize: 1,
      abandonAfter: 1_000,
    });
    watch(manager.queueTask((resource) => resource.work(500), { name: 'long', priority: 3 }));
    watch(manager.queueTask((resource) => resource.work(500), { name: 'given up', timeout: 20 }));
    await clock.advance(10);
    watch(manager.queueTask(() => 1, { priority: 1 }));
    watch(manager.queueTask(() => 1, { priority: 1 }));
    watch(manager.queueTask(() => 1));
    watch(manager.runTask((resource) => resource.work(500), { name: 'direct' }));
    await clock.advance(30);
    const snapshot = manager.inspect();
    expect(snapshot.state).toBe('running');
    const running = snapshot.workers.flatMap(({ tasks }) => tasks);
    expect(running.toSorted((a, b) => (a.task.name ?? '').localeCompare(b.task.name ?? ''))).toMatchObject([
      { task: { name: 'given up' }, isQuarantined: true, runningFor: 40 },
      { task: { name: 'long', state: 'running', priority: 3 }, isQuarantined: false, runningFor: 40 },
    ]);
    expect(snapshot.queues).toEqual([
      { priority: 1, waiting: 2, oldestWait: 30 },
      { priority: 0, waiting: 1, oldestWait: 30 },
    ]);
    expect(snapshot.pool).toMatchObject([{ kind: 'pool', tasks: [{ task: { name: 'direct' }, runningFor: 30 }] }]);
    expect([snapshot.leases, snapshot.retrying]).toEqual([[], []]);
    const copy = structuredClone(snapshot);
    await clock.advance(1_000);
    expect(snapshot).toEqual(copy);
    expect(manager.inspect().workers.every(({ tasks, idleFor }) => tasks.length === 0 && idleFor > 0)).toBe(true);
  });

  it('counts how often each resource was used, also by tasks that follow each other at once', async () => {
    const { manager, clock } = await start({ scaling: 'off', resourcePoolSize: 1 });
    for (let i = 0; i < 3; i++) watch(manager.queueTask((resource) => resource.work(10)));
    watch(manager.runTask(() => 1));
    await clock.advance(25); // the third one runs
    const { workers, pool } = manager.inspect();
    expect([...workers, ...pool].map(({ kind, uses }) => [kind, uses])).toEqual([
      ['base', 3],
      ['pool', 1],
    ]);
    await clock.advance(5);
  });

  it('tells how old each resource is, and for how long it has been idle', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 100 },
      maxWorkerCount: 2,
      targetWait: 0,
      idleTimeout: 100_000,
    });
    await clock.advance(1_000);
    for (let i = 0; i < 2; i++) watch(manager.queueTask((resource) => resource.work(300)));
    await clock.advance(50);
    const [old, starting] = manager.inspect().workers;
    expect([old?.idleFor, starting?.state, starting?.age, starting?.idleFor]).toEqual([0, 'starting', 0, 0]);
    await clock.advance(700);
    const [first, second] = manager.inspect().workers;
    expect([(old?.age ?? 0) + 700, first?.idleFor]).toEqual([first?.age, 450]);
    expect([second?.age, second?.idleFor]).toEqual([650, 350]);
  });

  it('lists the retries, and is empty after the shutdown', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 50 }) });
    watch(
      manager.queueTask(
        (_, { attempt }) => {
          if (attempt === 1) throw new Error('sick');
        },
        { name: 'retried' },
      ),
    );
    await clock.advance(10);
    expect(manager.inspect().retrying).toMatchObject([{ name: 'retried', attempt: 1, state: 'retrying' }]);
    watch(manager.stop());
    await clock.advance(100);
    expect(manager.inspect()).toEqual({
      state: 'stopped',
      workers: [],
      queues: [],
      keys: [],
      pool: [],
      leases: [],
      retrying: [],
    });
  });
});
