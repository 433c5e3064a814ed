import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK, sickIfSo } from '../support/failures.ts';
import { collecting } from '../support/collecting.ts';
import { harness, start, watch } from '../support/harness.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe("a listener that we add to a caller's signal is removed when the task settles", () => {
  const cases: Record<string, (signal: AbortSignal, bench: Awaited<ReturnType<typeof start>>) => Promise<unknown>> = {
    completed: (signal, { manager }) => manager.queueTask(() => 1, { signal }),
    failed: (signal, { manager }) => manager.queueTask(() => Promise.reject(new Error('own')), { signal }),
    'failed after its retries': (signal, { manager }) => manager.queueTask(() => Promise.reject(SICK), { signal }),
    'timed out': (signal, { manager, work }) => manager.queueTask(work(100), { signal, timeout: 10 }),
    'passed its deadline': (signal, { manager, work }) => manager.queueTask(work(100), { signal, deadline: 10 }),
    'waited too long': (signal, { manager, work }) => {
      watch(manager.queueTask(work(100)));
      return manager.queueTask(work(1), { signal, queueTimeout: 10 });
    },
    'completed by runTask': (signal, { manager }) => manager.runTask(() => 1, { signal }),
    'failed in runTask': (signal, { manager }) => manager.runTask(() => Promise.reject(SICK), { signal }),
    refused: (signal, { manager }) => manager.queueTask(() => 1, { signal, priority: NaN }),
  };

  it.each(Object.keys(cases))('%s', async (name) => {
    const bench = await start({ maxWorkerCount: 1, checkHealth: sickIfSo });
    const { signal } = new AbortController();
    const task = watch(cases[name]?.(signal, bench) ?? Promise.resolve());
    await bench.clock.runAll();
    expect(task.state).not.toBe('pending');
    expect(listeners(signal)).toBe(0);
  });

  it.each(['queued', 'running'])('cancelled while %s', async (state) => {
    const { manager, clock, work, settle } = await start();
    const controller = new AbortController();
    if (state === 'queued') watch(manager.queueTask(work(10)));
    const task = watch(manager.queueTask(work(10), { signal: controller.signal }));
    await settle();
    controller.abort();
    await clock.runAll();
    expect([task.state, listeners(controller.signal)]).toEqual(['rejected', 0]);
  });

  it.each(['queued', 'running'])('killed while %s', async (state) => {
    const { manager, clock, work, settle } = await start();
    const { signal } = new AbortController();
    if (state === 'queued') watch(manager.queueTask(work(10)));
    const task = watch(manager.queueTask(work(10), { signal }));
    await settle();
    watch(manager.kill());
    await clock.runAll();
    expect([task.state, listeners(signal)]).toEqual(['rejected', 0]);
  });

  it('killed by the collector that is told of its timeout', async () => {
    const { manage, clock, work } = harness();
    const { signal } = new AbortController();
    const recordFailure = (): void => void watch(manager.kill());
    const manager = await manage({ collector: collecting({ recordFailure }) });
    const task = watch(manager.queueTask(work(100), { signal, timeout: 10 }));
    await clock.runAll();
    expect([task.state, listeners(signal)]).toEqual(['rejected', 0]);
  });

  it('refused because the manager is stopped', async () => {
    const { manager } = await start();
    const { signal } = new AbortController();
    await manager.stop();
    await expect(manager.queueTask(() => 1, { signal })).rejects.toMatchObject({ code: 'STOPPED' });
    expect(listeners(signal)).toBe(0);
  });

  it('and there is at most one while any number of tasks is open', async () => {
    const { manager, settle } = await start();
    const { signal } = new AbortController();
    const end = deferred<void>();
    const tasks = Array.from({ length: 10_000 }, () => watch(manager.queueTask(() => end.promise, { signal })));
    await settle();
    expect(listeners(signal)).toBeLessThanOrEqual(1);
    end.resolve();
    await settle();
    expect(tasks.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(listeners(signal)).toBe(0);
  });

  it('while a retry waits, the signal still counts', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }) });
    const controller = new AbortController();
    const task = watch(manager.queueTask(() => Promise.reject(SICK), { signal: controller.signal }));
    await clock.advance(50);
    controller.abort('enough');
    await clock.advance(0);
    expect([task.error, listeners(controller.signal)]).toEqual(['enough', 0]);
  });
});
