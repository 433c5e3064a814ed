import type { TaskerEvents } from 'tasker';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';
import { recordEvents } from '../support/record-events.ts';

const EVENTS: readonly (keyof TaskerEvents)[] = [
  'queued',
  'started',
  'retried',
  'completed',
  'failed',
  'cancelled',
  'dropped',
  'stuck',
  'abandoned',
  'resourceCreated',
  'resourceDestroyed',
  'createFailed',
  'scaled',
  'paused',
  'resumed',
  'idle',
  'stopped',
  'error',
];

describe('events', () => {
  it('are delivered in order', async () => {
    const bench = await start({ maxWorkerCount: 1, checkHealth: sickIfSo });
    const log = recordEvents(bench.manager, EVENTS);
    const { manager, clock } = bench;
    watch(manager.queueTask((resource) => resource.work(10), { name: 'a' }));
    watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : attempt), { name: 'b' }));
    watch(manager.queueTask(() => Promise.reject(new Error('own')), { name: 'c' }));
    await clock.runAll();
    await manager.stop();
    await clock.runAll();
    const ofTasks = log.filter((entry) => !/^(scaled|resource)/.test(entry));
    expect(ofTasks).toEqual([
      'queued a',
      'queued b',
      'queued c',
      'started a',
      'completed a',
      'started b',
      'retried b',
      'started b',
      'completed b',
      'started c',
      'failed c',
      'idle',
      'stopped',
    ]);
    expect(log.filter((entry) => entry.startsWith('resource'))).toEqual([
      'resourceDestroyed',
      'resourceCreated',
      'resourceDestroyed',
    ]);
  });

  it('are delivered in a microtask, never inside the call that caused them', async () => {
    const bench = await start();
    const log = recordEvents(bench.manager, ['queued', 'started', 'completed', 'cancelled', 'stopped']);
    const { manager, settle } = bench;
    const controller = new AbortController();
    watch(manager.queueTask(() => new Promise(() => {}), { signal: controller.signal, name: 'a' }));
    expect(log).toEqual([]);
    await Promise.resolve();
    expect(log).toContain('queued a');
    await settle();
    const before = log.length;
    controller.abort();
    expect(log.length).toBe(before);
    await settle();
    expect(log).toContain('cancelled a');
    const killing = manager.kill();
    expect(log).not.toContain('stopped');
    await killing;
    await settle();
    expect(log.at(-1)).toBe('stopped');
  });

  it('of tasks carry a snapshot, which stays as it was', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10 }) });
    const infos: TaskerEvents['queued']['task'][] = [];
    for (const event of ['queued', 'started', 'retried', 'completed'] as const) {
      manager.on(event, ({ task }) => infos.push(task));
    }
    watch(
      manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : Promise.resolve()), {
        name: 'n',
        key: 'k',
        priority: 3,
      }),
    );
    await clock.runAll();
    const common = { id: infos[0]?.id, name: 'n', key: 'k', priority: 3, queuedAt: 0 };
    expect(infos).toMatchObject([
      { ...common, state: 'queued', attempt: 0 },
      { ...common, state: 'running', attempt: 1, startedAt: 0, worker: { id: 1, kind: 'base' } },
      { ...common, state: 'retrying', attempt: 1 },
      { ...common, state: 'running', attempt: 2, startedAt: 10 },
      { ...common, state: 'completed', attempt: 2, startedAt: 10 },
    ]);
    expect(new Set(infos).size).toBe(5);
  });

  it('each task has exactly one of completed, failed and cancelled', async () => {
    const bench = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      abandonAfter: 50,
      maxRetries: 1,
      resourcePoolSize: 1,
    });
    const log = recordEvents(bench.manager, ['completed', 'failed', 'cancelled', 'dropped']);
    const { manager, clock, work, settle } = bench;
    const end = deferred<void>();
    const controller = new AbortController();
    const { signal } = controller;
    watch(manager.queueTask(() => 1, { name: 'completed' }));
    watch(manager.queueTask(() => Promise.reject(new Error('own')), { name: 'failed' }));
    watch(manager.queueTask(() => Promise.reject(SICK), { name: 'exhausted' }));
    watch(manager.queueTaskOnce(() => Promise.reject(SICK), { name: 'once' }));
    watch(manager.queueTask(() => end.promise, { name: 'timed out', timeout: 10 }));
    watch(manager.queueTask(work(1), { name: 'waited too long', queueTimeout: 5 }));
    watch(manager.queueTask(work(1), { name: 'past its deadline', deadline: 5 }));
    watch(manager.runTask(() => 1, { name: 'direct' }));
    watch(manager.runTask(() => Promise.reject(SICK), { name: 'direct, sick' }));
    await clock.advance(100);
    end.resolve();
    watch(manager.queueTask(work(1_000), { name: 'cancelled running', signal }));
    watch(manager.queueTask(work(1_000), { name: 'cancelled waiting', signal }));
    await settle();
    controller.abort();
    await clock.advance(100);
    watch(manager.queueTask(work(1_000), { name: 'killed running' }));
    watch(manager.queueTask(work(1_000), { name: 'killed waiting' }));
    await settle();
    await manager.kill();
    await clock.runAll();
    expect(log.toSorted()).toEqual(
      [
        'completed completed',
        'failed failed',
        'failed exhausted',
        'failed once',
        'failed timed out',
        'failed waited too long',
        'failed past its deadline',
        'completed direct',
        'failed direct, sick',
        'cancelled cancelled running',
        'cancelled cancelled waiting',
        'cancelled killed running',
        'cancelled killed waiting',
      ].toSorted(),
    );
  });

  it('`stopped` comes last, with the report, also when something arrives late', async () => {
    const bench = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      destroyTimeout: 10,
      fakes: { destroyDelay: 100, createDelay: (n) => (n > 2 ? 100 : 0), failDestroy: (n) => n === 1 },
    });
    const log = recordEvents(bench.manager, EVENTS);
    const { manager, clock, work, settle } = bench;
    let report: unknown;
    manager.on('stopped', (payload) => (report = payload.report));
    watch(manager.queueTask(work(50)));
    watch(manager.runTask(work(50)));
    await settle();
    const killing = watch(manager.kill());
    await clock.runAll();
    expect(log.at(-1)).toBe('stopped');
    expect(log.filter((entry) => entry === 'stopped')).toHaveLength(1);
    expect(report).toEqual(killing.value);
  });

  it('`idle` tells that nothing is queued and nothing runs', async () => {
    const bench = await start({ resourcePoolSize: 1 });
    const log = recordEvents(bench.manager, ['idle', 'completed']);
    const { manager, clock, work } = bench;
    watch(manager.queueTask(work(10), { name: 'a' }));
    watch(manager.queueTask(work(10), { name: 'b' }));
    watch(manager.runTask(work(30), { name: 'c' }));
    await clock.runAll();
    watch(manager.queueTask(work(10), { name: 'd' }));
    await clock.runAll();
    expect(log).toEqual(['completed a', 'completed b', 'completed c', 'idle', 'completed d', 'idle']);
  });

  it('`abandoned` tells of a function that ignored its abort', async () => {
    const bench = await start({ maxWorkerCount: 1, abandonAfter: 50 });
    const log = recordEvents(bench.manager, ['abandoned', 'resourceDestroyed', 'failed']);
    const { manager, clock, work } = bench;
    watch(manager.queueTask(work(1_000), { name: 'a', timeout: 10 }));
    await clock.advance(59);
    expect(log).toEqual(['failed a']);
    await clock.advance(1);
    expect(log).toEqual(['failed a', 'abandoned a', 'resourceDestroyed']);
  });

  it('`createFailed`, `resourceCreated` and `resourceDestroyed` tell of kinds, errors and reasons', async () => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      checkHealth: sickIfSo,
      createBackoff: () => 10,
      fakes: { failCreate: (n) => n === 2 },
    });
    const log: unknown[] = [];
    manager.on('createFailed', ({ kind, error }) => log.push(['createFailed', kind, (error as Error).message]));
    manager.on('resourceCreated', ({ kind }) => log.push(['resourceCreated', kind]));
    manager.on('resourceDestroyed', ({ kind, reason }) => log.push(['resourceDestroyed', kind, reason]));
    watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : attempt)));
    await clock.runAll();
    watch(manager.runTask(() => 1));
    await clock.runAll();
    expect(log).toEqual([
      ['resourceDestroyed', 'base', 'sick'],
      ['createFailed', 'base', 'creation 2 failed'],
      ['resourceCreated', 'base'],
      ['resourceCreated', 'temporary'],
      ['resourceDestroyed', 'temporary', 'temporary'],
    ]);
  });

  it('`dropped` tells of tasks that admission refused or pushed out, and is their only end', async () => {
    for (const [onFull, expected] of [
      ['reject', 'dropped newcomer'],
      ['drop-oldest', 'dropped waiting'],
    ] as const) {
      const bench = await start({ maxWorkerCount: 1, maxQueueSize: 1, onFull });
      const log = recordEvents(bench.manager, ['completed', 'failed', 'cancelled', 'dropped']);
      const { manager, clock, work, settle } = bench;
      watch(manager.queueTask(work(10), { name: 'running' }));
      await settle();
      watch(manager.queueTask(work(10), { name: 'waiting' }));
      watch(manager.queueTask(work(10), { name: 'newcomer' }));
      await clock.runAll();
      expect(log.toSorted().filter((entry) => entry.startsWith('dropped'))).toEqual([expected]);
      expect(log).toHaveLength(3);
    }
  });

  it('`stuck` tells of a task that runs longer than stuckAfter', async () => {
    const bench = await start({ stuckAfter: 100 });
    const log = recordEvents(bench.manager, ['stuck', 'completed']);
    watch(bench.manager.queueTask(bench.work(90), { name: 'quick' }));
    watch(bench.manager.queueTask(bench.work(150), { name: 'slow' }));
    await bench.clock.advance(189);
    expect(log).toEqual(['completed quick']);
    await bench.clock.advance(60);
    expect(log).toEqual(['completed quick', 'stuck slow', 'completed slow']);
  });

  it('`paused` and `resumed` tell of pause() and resume()', async () => {
    const bench = await start();
    const log = recordEvents(bench.manager, ['paused', 'resumed', 'started']);
    const { manager, settle } = bench;
    manager.pause();
    watch(manager.queueTask(() => 1, { name: 'a' }));
    expect(log).toEqual([]);
    await settle();
    manager.resume();
    await settle();
    expect(log).toEqual(['paused', 'resumed', 'started a']);
  });

  it('`scaled` carries the inputs of the decision and its reason in words', async () => {
    const { manager, settle, work } = await start({ maxWorkerCount: 3, targetWait: 0 });
    const scaled: TaskerEvents['scaled'][] = [];
    manager.on('scaled', (payload) => scaled.push(payload));
    for (let i = 0; i < 5; i++) watch(manager.queueTask(work(10)));
    await settle();
    expect(scaled).toMatchObject([
      {
        from: 1,
        to: 3,
        reason: 'backlog',
        input: { workerCount: 1, maxWorkerCount: 3, workers: 1, running: 1, queued: 4 },
      },
    ]);
    await manager.kill();
  });

  it('a listener that throws harms neither the tasks nor the other listeners, and is told to `error`', async () => {
    const { manager, clock } = await start();
    const log: unknown[] = [];
    const failure = new Error('listener failed');
    manager.on('completed', () => {
      throw failure;
    });
    manager.on('completed', () => log.push('second listener'));
    manager.on('error', ({ error }) => {
      log.push(error);
      throw new Error('even this one fails');
    });
    const task = watch(manager.queueTask(() => 1));
    await clock.runAll();
    expect([task.value, log]).toEqual([1, ['second listener', failure]]);
  });

  it('on() returns the function that ends the listening', async () => {
    const { manager, clock } = await start();
    const log: string[] = [];
    const off = manager.on('completed', ({ task }) => log.push(task.name ?? ''));
    watch(manager.queueTask(() => 1, { name: 'a' }));
    await clock.runAll();
    off();
    off();
    watch(manager.queueTask(() => 1, { name: 'b' }));
    await clock.runAll();
    expect(log).toEqual(['a']);
  });

  it('a listener finds the manager in order and may use it', async () => {
    const { manager, clock } = await start();
    const results: unknown[] = [];
    manager.on('completed', ({ task }) => {
      results.push(manager.stats().runningTasks);
      if (task.name === 'a') watch(manager.queueTask(() => 1, { name: 'b' }).then(() => results.push('b done')));
    });
    watch(manager.queueTask(() => 1, { name: 'a' }));
    await clock.runAll();
    expect(results).toEqual([0, 0, 'b done']);
  });

  it('runTask has the same events', async () => {
    const bench = await start({ resourcePoolSize: 1 });
    const log = recordEvents(bench.manager, ['queued', 'started', 'completed', 'idle']);
    watch(bench.manager.runTask((resource) => resource.work(5), { name: 'direct' }));
    await bench.clock.runAll();
    expect(log).toEqual(['queued direct', 'started direct', 'completed direct', 'idle']);
  });
});
