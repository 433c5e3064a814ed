import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { TaskInfo } from '../../src/index.ts';
import { start, watch } from '../support/harness.ts';

describe('an interceptor', () => {
  it('is called for each task that is accepted, however it is submitted, and runs around each run', async () => {
    const { clock, manager } = await start({ checkHealth: () => false, maxRetries: 1 });
    const log: string[] = [];
    manager.intercept(({ name, attempt, state }, run) => {
      log.push(`${name} ${state} ${attempt}`);
      return async (resource, context) => {
        log.push(`${name} begins ${context.attempt}`);
        return await run(resource, context);
      };
    });
    const sick = watch(manager.queueTask(() => Promise.reject(new Error('sick')), { name: 'sick' }));
    const others = [
      manager.queueTaskOnce(() => 1, { name: 'once' }),
      manager.queueTaskWithPriority(() => 2, { name: 'high' }),
      manager.runTask(() => 3, { name: 'direct' }),
      manager.submit(() => 4, { name: 'submitted' }).result,
      manager.queueTask({ execute: () => 5 }, { name: 'object' }),
    ];
    const mapped = manager.map([6], (item) => item, { name: 'mapped' }).next();
    expect(log).toEqual(['sick', 'once', 'high', 'direct', 'submitted', 'object'].map((name) => `${name} queued 0`));
    await clock.advance(1_000);
    expect(await Promise.all(others)).toEqual([1, 2, 3, 4, 5]);
    expect(await mapped).toMatchObject({ value: 6 });
    expect(isTaskerError(sick.error, 'RETRIES_EXHAUSTED')).toBe(true);
    expect(log).toEqual(
      expect.arrayContaining([
        'sick begins 1',
        'sick begins 2',
        'direct begins 1',
        'mapped queued 0',
        'mapped begins 1',
      ]),
    );
  });

  it('is called in the async context of the submitter, and so is what it returns', async () => {
    const { clock, manager } = await start();
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    manager.intercept((_task, run) => {
      seen.push(storage.getStore());
      return (resource, context) => {
        seen.push(storage.getStore());
        return run(resource, context);
      };
    });
    const task = storage.run('request', () => watch(manager.queueTask(() => storage.getStore())));
    await clock.advance(0);
    expect([task.value, ...seen]).toEqual(['request', 'request', 'request']);
  });

  it('of several the last is the outermost; one that is taken away is called no more', async () => {
    const { clock, manager } = await start();
    const log: string[] = [];
    const around = (name: string) =>
      manager.intercept((_task, run) => async (resource, context) => {
        log.push(name);
        return await run(resource, context);
      });
    around('inner');
    const remove = around('removed');
    around('outer');
    remove();
    remove();
    watch(manager.queueTask(() => log.push('task')));
    await clock.advance(0);
    expect(log).toEqual(['outer', 'inner', 'task']);
  });

  it('that returns nothing leaves the task as it is', async () => {
    const { clock, manager } = await start();
    const seen: TaskInfo[] = [];
    manager.intercept((task) => {
      seen.push(task);
      return undefined;
    });
    const task = watch(manager.queueTask(() => 1, { meta: { user: 7 } }));
    await clock.advance(0);
    expect([task.value, seen[0]?.meta]).toEqual([1, { user: 7 }]);
  });

  it('is shown tasks that a full queue refuses where they are submitted, and leases not at all', async () => {
    const { clock, manager } = await start({ maxQueueSize: 0, scaling: 'off' });
    const storage = new AsyncLocalStorage<string>();
    const shown: unknown[] = [];
    manager.intercept(({ name, state }) => {
      shown.push(name, state, storage.getStore());
      return () => expect.unreachable('it is not run');
    });
    const lease = manager.lease({ name: 'held' });
    await clock.advance(0);
    const refused = storage.run('request', () => watch(manager.queueTask(() => 1, { name: 'refused' })));
    const refusedLease = watch(manager.lease({ name: 'no lease' }));
    await clock.advance(0);
    expect(shown).toEqual(['refused', 'cancelled', 'request']);
    for (const { error } of [refused, refusedLease]) expect(isTaskerError(error, 'QUEUE_FULL')).toBe(true);
    await (await lease).release();
  });

  it('that is shown a refused task may abort its signal, throw, or end the manager: it is refused all the same', async () => {
    const { clock, manager } = await start({ maxQueueSize: 0, scaling: 'off' });
    const errors: unknown[] = [];
    manager.on('error', ({ error }) => errors.push(error));
    const [lease, controller, broken] = [watch(manager.lease()), new AbortController(), new Error('broken')];
    await clock.advance(0);
    manager.intercept(() => {
      controller.abort();
      throw broken;
    });
    const aborted = watch(manager.queueTask(() => 1, { signal: controller.signal, timeout: 5, deadline: 5 }));
    await clock.advance(10);
    expect([errors, manager.stats().queuedTasks, manager.find('').length]).toEqual([[broken], 0, 1]); // the lease
    manager.intercept(() => void manager.kill());
    const killed = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    for (const { error } of [aborted, killed]) expect(isTaskerError(error, 'QUEUE_FULL')).toBe(true);
    expect(lease.state).toBe('fulfilled');
  });

  it('that throws, or returns something else, is reported, and the task runs as it is', async () => {
    const { clock, manager } = await start();
    const errors: unknown[] = [];
    manager.on('error', ({ error, source }) => errors.push(source, error));
    const broken = new Error('broken');
    manager.intercept(() => {
      throw broken;
    });
    manager.intercept((() => Promise.reject(broken)) as never);
    const task = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(task.value).toBe(1);
    expect(errors).toEqual([
      'interceptor',
      broken,
      'interceptor',
      new TypeError('an interceptor must return a function or undefined, got [Promise]'),
    ]);
  });

  it('may end the task, or the manager', async () => {
    const { clock, manager } = await start();
    const remove = manager.intercept(({ id }, run) => {
      manager.cancel(id, new Error('not this one'));
      return run;
    });
    manager.intercept(() => expect.unreachable('it has ended'));
    const cancelled = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(cancelled.error).toEqual(new Error('not this one'));
    remove();
    manager.intercept((_task, run) => {
      void manager.kill();
      return run;
    });
    const killed = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(isTaskerError(killed.error, 'KILLED')).toBe(true);
  });

  it('must be a function', async () => {
    const { manager } = await start();
    expect(() => manager.intercept(1 as never)).toThrow('interceptor must be a function, got 1');
  });
});

describe('meta', () => {
  it('is carried by events, errors and hooks', async () => {
    const metas: unknown[] = [];
    const { clock, manager } = await start({
      checkHealth: (_error, { task }) => {
        metas.push(task.meta);
        return true;
      },
    });
    for (const event of ['queued', 'started', 'completed', 'failed'] as const) {
      manager.on(event, ({ task }) => metas.push(task.meta));
    }
    const meta = { tenant: 'a' };
    const handle = manager.submit(() => 1, { meta });
    watch(handle.result);
    watch(manager.queueTask(() => Promise.reject(new Error('no')), { meta: 0 }));
    await clock.advance(0);
    expect(metas.filter((one) => one === meta)).toHaveLength(3);
    expect(metas.filter((one) => one === 0)).toHaveLength(4);
  });
});
