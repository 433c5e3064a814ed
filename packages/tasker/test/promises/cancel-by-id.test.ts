import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import { start, watch } from '../support/harness.ts';
import type { BenchConfig } from '../support/harness.ts';

/** A manager with one worker. */
async function single(overrides: BenchConfig = {}) {
  const bench = await start({ scaling: 'off', ...overrides });
  const { manager } = bench;
  /** The ids of what runs and waits, by name. */
  const ids: Record<string, string> = {};
  manager.on('queued', ({ task }) => (ids[task.name ?? ''] = task.id));
  const id = (name: string): string => ids[name] ?? 'none';
  return { ...bench, id };
}

describe('cancel by id', () => {
  it('cancels a task that waits, one that runs, a retry and a runTask', async () => {
    const { clock, manager, id } = await single({
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1_000 }),
      maxTemporaryResources: 1,
    });
    const signals: AbortSignal[] = [];
    const retried = watch(manager.queueTask(() => Promise.reject(new Error('sick')), { name: 'retried' }));
    await clock.advance(0);
    const running = watch(
      manager.queueTask((resource, { signal }) => (signals.push(signal), resource.work(10)), { name: 'running' }),
    );
    const waiting = watch(manager.queueTask(() => 1, { name: 'waiting', priority: -1 }));
    watch(manager.runTask((resource) => resource.work(10)));
    const direct = watch(manager.runTask(() => 1, { name: 'direct' }));
    const other = watch(manager.queueTask(() => 'other', { name: 'other', priority: -2 }));
    await clock.advance(0);
    const reason = new Error('no longer wanted');
    const names = ['retried', 'running', 'waiting', 'direct'];
    expect(names.map((name) => manager.cancel(id(name), reason))).toEqual([true, true, true, true]);
    expect(names.map((name) => manager.cancel(id(name), reason))).toEqual([false, false, false, false]);
    await clock.advance(0);
    expect([retried, running, waiting, direct].map(({ error }) => error)).toEqual(names.map(() => reason));
    expect(signals.map((signal) => signal.reason)).toEqual([reason]);
    await clock.advance(20);
    expect([other.value, manager.metrics().totalTasksCancelled]).toEqual(['other', 4]);
  });

  it('finds what is submitted after the first call, too, and nothing that has ended', async () => {
    const { clock, manager, id } = await single();
    expect(manager.cancel('1')).toBe(false);
    const ended = watch(manager.queueTask(() => 1, { name: 'ended' }));
    await clock.advance(0);
    const later = watch(manager.queueTask(() => 1, { name: 'later' }));
    expect([manager.cancel(id('ended')), manager.cancel('2'), ended.value]).toEqual([false, true, 1]);
    await clock.advance(0);
    expect((later.error as Error).name).toBe('AbortError');
  });

  it('as a handle does: without an unhandled rejection, and with an AbortError unless told otherwise', async () => {
    const { clock, manager } = await single();
    void manager.queueTask((resource) => resource.work(10)); // nobody takes the promise
    const handle = manager.submit(() => 1);
    await clock.advance(0);
    expect([manager.cancel('1'), manager.cancel(handle.id), handle.state, handle.cancel()]).toEqual([
      true,
      true,
      'cancelled',
      false,
    ]);
    await expect(handle.result).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(10);
  });

  it('knows ids only as they are written', async () => {
    const { clock, manager } = await single();
    const task = watch(manager.queueTask((resource) => resource.work(10)));
    for (const id of ['', ' 1', '01', '1.0', '0x1', 'NaN', '2', 'one']) expect(manager.cancel(id)).toBe(false);
    for (const id of [1, undefined, null, {}]) {
      let thrown: unknown;
      try {
        manager.cancel(id as never);
      } catch (error) {
        thrown = error;
      }
      expect([id, isTaskerError(thrown, 'INVALID_CONFIG')]).toEqual([id, true]);
    }
    await clock.advance(10);
    expect(task.state).toBe('fulfilled');
  });

  it('ends the wait of a lease', async () => {
    const { clock, manager } = await single();
    const held = await manager.lease();
    const waiting = watch(manager.lease());
    expect(manager.cancel('2', 'enough')).toBe(true);
    await clock.advance(0);
    expect([waiting.error, manager.stats().queuedTasks]).toEqual(['enough', 0]);
    await held.release();
  });

  it('gives up a lease that is held: nobody gets its resource before it is given back', async () => {
    const { clock, manager, fakes } = await single({ abandonAfter: 100 });
    const lease = await manager.lease();
    const told: unknown[] = [];
    manager.on('error', ({ error }) => told.push(error));
    const next = watch(manager.queueTask(({ id }) => id));
    expect(manager.cancel('1', 'enough')).toBe(true);
    expect([lease.signal.reason, manager.stats().leases, manager.leaseOf(lease.resource)]).toEqual([
      'enough',
      0,
      undefined,
    ]);
    await clock.advance(50);
    expect(next.state).toBe('pending');
    await lease.release();
    await lease.release();
    await clock.advance(0);
    expect([next.value, fakes.destroyed, told]).toEqual([1, 0, []]);
  });

  it.each(['destroy', 'leave'] as const)(
    'a lease given up, then given back by %s, has its resource replaced',
    async (how) => {
      const { clock, manager, fakes } = await single();
      const lease = await manager.lease();
      manager.cancel('1');
      await (how === 'leave' ? lease[Symbol.asyncDispose]() : lease.destroy());
      await clock.advance(0);
      expect([fakes.reasons, fakes.created]).toEqual([['invalidated'], 2]);
    },
  );

  it('a lease given up and never given back has its resource replaced after abandonAfter', async () => {
    const { clock, manager, fakes } = await single({ abandonAfter: 100 });
    const lease = await manager.lease();
    manager.cancel('1');
    await clock.advance(100);
    expect([fakes.reasons, fakes.created]).toEqual([['abandoned'], 2]);
    await lease.release();
    await clock.advance(0);
    expect(manager.stats().idleWorkers).toBe(1);
  });

  it('called by a collector in the instant of the submission finds the task', async () => {
    const found: boolean[] = [];
    const { clock, manager } = await single({
      collector: {
        recordArrival: (task) => void found.push(manager.cancel(task?.id ?? '')),
        recordCompletion() {},
        recordFailure() {},
        recordRetry() {},
        metrics: () => ({}) as never,
      },
    });
    const tasks = [
      watch(manager.queueTask(() => 1)),
      watch(manager.runTask(() => 1)),
      watch(manager.queueTask(() => 1)),
    ];
    await clock.advance(10);
    expect([found, tasks.map(({ state }) => state)]).toEqual([
      [true, true, true],
      ['rejected', 'rejected', 'rejected'],
    ]);
  });
});
