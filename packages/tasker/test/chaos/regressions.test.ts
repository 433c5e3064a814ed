import type { TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { collecting } from '../support/collecting.ts';
import { harness, start, watch } from '../support/harness.ts';
import { unhandled } from '../support/unhandled.ts';

/** What the chaos has found, each made small. */

const ignore = (): void => {};

const rejected = (): never => Promise.reject(new Error('rejected')) as never;

describe('a hook that is async, though nobody waits for it, and rejects', () => {
  it.each([
    ['logger', { logger: { debug: rejected, info: rejected, warn: rejected, error: rejected } }],
    ['collector', { collector: collecting({ recordArrival: rejected }) }],
    ['scaling', { scaling: rejected }],
    ['backoff', { retry: { backoff: rejected } }],
    ['createBackoff', { createBackoff: rejected }],
  ])('%s: it is reported and never unhandled', async (source, config) => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => n === 2 },
      maxWorkerCount: 2,
      targetWait: 0,
      checkHealth: () => false,
      ...config,
    });
    const sources = new Set<string>();
    manager.on('error', (error) => sources.add(error.source));
    let runs = 0;
    const all = [1, 2, 3].map(() =>
      watch(
        manager.queueTask(() => {
          if (runs++ === 0) throw new Error('sick');
        }),
      ),
    );
    await clock.advance(5_000);
    expect(all.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(sources).toContain(source);
    expect(unhandled).toEqual([]);
  });
});

describe('a collector that kills the manager', () => {
  it('while it records an arrival: the task is queued before it is cancelled', async () => {
    const { clock, manage } = harness();
    let manager: TaskManager<FakeResource> | undefined;
    manager = await manage({ collector: collecting({ recordArrival: () => void manager?.kill() }) });
    const log: string[] = [];
    manager.on('queued', () => log.push('queued'));
    manager.on('cancelled', () => log.push('cancelled'));
    const task = watch(manager.queueTask(ignore));
    await clock.advance(0);
    expect(log).toEqual(['queued', 'cancelled']);
    expect(task.state).toBe('rejected');
  });

  it('while it records a retry: the task is retried before it is cancelled', async () => {
    const { clock, manage } = harness();
    let manager: TaskManager<FakeResource> | undefined;
    const collector = collecting({ recordRetry: () => void manager?.kill() });
    manager = await manage({ collector, checkHealth: () => false });
    const log: string[] = [];
    manager.on('retried', () => log.push('retried'));
    manager.on('cancelled', () => log.push('cancelled'));
    watch(manager.queueTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(0);
    expect(log).toEqual(['retried', 'cancelled']);
  });
});

describe('a collector that submits while a task leaves the queue', () => {
  it('does not push out the one that is leaving: it ends once and is counted once', async () => {
    const { clock, manage } = harness();
    let manager: TaskManager<FakeResource> | undefined;
    let isDone = false;
    const submit = (): void => {
      if (isDone) return;
      isDone = true;
      if (manager !== undefined) watch(manager.queueTask(ignore));
    };
    manager = await manage({
      maxWorkerCount: 1,
      maxQueueSize: 1,
      onFull: 'drop-oldest',
      collector: collecting({ recordFailure: submit }),
    });
    const log: string[] = [];
    manager.on('failed', ({ task }) => log.push(`failed ${task.id}`));
    manager.on('dropped', ({ task }) => log.push(`dropped ${task.id}`));
    watch(manager.queueTask(() => new Promise((resolve) => void clock.setTimeout(() => resolve(1), 100))));
    await clock.advance(0);
    const late = watch(manager.queueTask(ignore, { queueTimeout: 10 }));
    await clock.advance(10);
    expect(late.state).toBe('rejected');
    expect(manager.stats().queuedTasks).toBe(1);
    expect(log).toEqual(['failed 2']);
    await clock.advance(100);
    expect(manager.stats().queuedTasks).toBe(0);
  });
});

describe('recycle()', () => {
  it.each(['kill', 'stop'] as const)('settles when the first creation calls %s()', async (how) => {
    const { clock, fakes, manage } = harness();
    let manager: TaskManager<FakeResource> | undefined;
    manager = await manage({
      maxWorkerCount: 2,
      resourcePoolSize: 1,
      onCreate: (context) => {
        if (manager?.stats().state === 'running') watch(manager[how]());
        return fakes.onCreate(context);
      },
    });
    const recycling = watch(manager.recycle());
    await clock.advance(100);
    expect(recycling.state).toBe('fulfilled');
  });
});

describe('pause()', () => {
  it('from inside a task that ends at once: the next one does not start', async () => {
    const { manager, clock } = await start();
    const log: number[] = [];
    watch(
      manager.queueTask(() => {
        log.push(1);
        manager.pause();
      }),
    );
    watch(manager.queueTask(() => log.push(2)));
    await clock.advance(0);
    expect(log).toEqual([1]);
    manager.resume();
    await clock.advance(0);
    expect(log).toEqual([1, 2]);
  });
});
