import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { TaskerError, TaskerEvents } from '../../src/index.ts';
import { harness, start, watch } from '../support/harness.ts';
import { recordEvents } from '../support/record-events.ts';

const FINAL = ['completed', 'failed', 'cancelled', 'dropped'] as const;

describe('dropped', () => {
  it('tells of those refused and of those pushed out, with the error and a snapshot', async () => {
    const { manager, clock } = await start({ scaling: 'off', maxQueueSize: 1, onFull: 'drop-oldest' });
    const log: unknown[] = [];
    manager.on('dropped', ({ task, error }) => log.push([task.name, task.attempt, (error as { code?: string }).code]));
    watch(manager.queueTask((resource) => resource.work(10), { name: 'running' }));
    await clock.advance(0);
    watch(manager.queueTask(() => 1, { name: 'pushed out' }));
    watch(manager.queueTask(() => 1, { name: 'fresh' }));
    watch(manager.queueTask(() => 1, { name: 'lower', priority: -1 }));
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual([
      ['pushed out', 0, 'DROPPED'],
      ['lower', 0, 'QUEUE_FULL'],
    ]);
    await clock.advance(10);
  });

  it('a refused task has no other event, `queued` neither', async () => {
    const { manager, clock } = await start({ scaling: 'off', maxQueueSize: 0 });
    const log = recordEvents(manager, ['queued', 'started', ...FINAL]);
    watch(manager.queueTask((resource) => resource.work(10), { name: 'a' }));
    watch(manager.queueTask(() => 1, { name: 'b' }));
    await clock.advance(10);
    expect(log.toSorted()).toEqual(['completed a', 'dropped b', 'queued a', 'started a']);
  });

  it('does not tell of leases', async () => {
    const { manager, clock } = await start({ scaling: 'off', maxQueueSize: 1, onFull: 'drop-oldest' });
    const log = recordEvents(manager, ['queued', 'started', ...FINAL]);
    const held = await manager.lease();
    const leases = [watch(manager.lease()), watch(manager.lease()), watch(manager.lease({ priority: -1 }))];
    await clock.advance(0);
    const codes = leases.map(({ error }) => (error as { code?: string } | undefined)?.code);
    expect([codes, log]).toEqual([['DROPPED', undefined, 'QUEUE_FULL'], []]);
    await held.release();
    await clock.advance(0);
    await leases[1]?.value?.release();
  });

  it('tasks that are refused as invalid or too late have no event at all', async () => {
    const { manager, clock } = await start();
    const log = recordEvents(manager, ['queued', 'started', ...FINAL]);
    watch(manager.queueTask(() => 1, { priority: NaN, name: 'invalid' }));
    watch(manager.queueTask(() => 1, { signal: AbortSignal.abort(), name: 'aborted before' }));
    watch(manager.stop());
    watch(manager.queueTask(() => 1, { name: 'too late' }));
    await clock.advance(10);
    expect(log).toEqual([]);
  });
});

describe('stuck', () => {
  it('tells once of a run that lasts longer than stuckAfter, and again of the next run', async () => {
    const { manager, clock } = await start({
      stuckAfter: 100,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    });
    const log: unknown[] = [];
    manager.on('stuck', ({ task }) => log.push([clock.now(), task.name, task.state, task.attempt]));
    watch(
      manager.queueTask(
        async (resource, { attempt }) => {
          await resource.work(250);
          if (attempt === 1) throw new Error('sick');
        },
        { name: 'slow' },
      ),
    );
    watch(manager.queueTask((resource) => resource.work(50), { name: 'quick' }));
    await clock.advance(1_000);
    expect(log.filter((entry) => (entry as string[])[1] === 'slow')).toHaveLength(2);
    expect(log[0]).toEqual([100, 'slow', 'running', 1]);
    expect(log).toHaveLength(2);
  });

  it('tells of runTask, too; without stuckAfter it tells nothing', async () => {
    for (const stuckAfter of [100, undefined]) {
      const { manager, clock } = await start({ resourcePoolSize: 1, ...(stuckAfter !== undefined && { stuckAfter }) });
      const log = recordEvents(manager, ['stuck']);
      watch(manager.runTask((resource) => resource.work(500), { name: 'direct' }));
      await clock.advance(1_000);
      expect(log).toEqual(stuckAfter === undefined ? [] : ['stuck direct']);
    }
  });

  it('does not tell of a task that was settled before', async () => {
    const { manager, clock } = await start({ stuckAfter: 100 });
    const log = recordEvents(manager, ['stuck', 'failed']);
    watch(manager.queueTask((resource) => resource.work(500), { name: 'timed out', timeout: 50 }));
    await clock.advance(1_000);
    expect(log).toEqual(['failed timed out']);
  });
});

describe('paused, resumed, idle and stopped', () => {
  it('come in order with those of the tasks', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log = recordEvents(manager, ['paused', 'resumed', 'queued', 'started', 'completed', 'idle', 'stopped']);
    watch(manager.queueTask(() => 1, { name: 'a' }));
    manager.pause();
    await clock.advance(0);
    manager.resume();
    await clock.advance(0);
    manager.pause();
    watch(manager.queueTask(() => 1, { name: 'b' }));
    watch(manager.stop());
    await clock.advance(0);
    expect(log).toEqual([
      'queued a',
      'paused',
      'resumed',
      'started a',
      'completed a',
      'idle',
      'paused',
      'queued b',
      'resumed',
      'started b',
      'completed b',
      'idle',
      'stopped',
    ]);
  });

  it('`stopped` is the last event of all, of whatever kind, also after a kill with hooks that hang', async () => {
    const { manager, clock } = await start({
      fakes: { hangDestroy: (n) => n === 1, destroyDelay: 20 },
      workerCount: 3,
      destroyTimeout: 100,
      resourcePoolSize: 1,
    });
    const log = recordEvents(manager, [
      'queued',
      'started',
      ...FINAL,
      'abandoned',
      'resourceDestroyed',
      'resourceCreated',
      'error',
      'idle',
      'scaled',
      'stopped',
    ]);
    for (let i = 0; i < 5; i++) watch(manager.queueTask(() => new Promise(() => {}), { name: `${i}` }));
    await clock.advance(5);
    const killing = watch(manager.kill());
    await clock.advance(1_000);
    expect([killing.state, log.at(-1), log.filter((entry) => entry === 'stopped').length]).toEqual([
      'fulfilled',
      'stopped',
      1,
    ]);
    expect(log).toContain('error');
  });

  it('`idle` is not told of while a lease is held', async () => {
    const { manager, clock } = await start({ workerCount: 2 });
    const lease = await manager.lease();
    const log = recordEvents(manager, ['idle', 'completed']);
    watch(manager.queueTask(() => 1, { name: 'a' }));
    await clock.advance(0);
    expect(log).toEqual(['completed a']);
    await lease.release();
    await clock.advance(0);
    expect(log).toEqual(['completed a', 'idle']);
  });
});

describe('each task', () => {
  it('has exactly one final event, whatever mix of ends there is', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 3,
      maxQueueSize: 6,
      onFull: 'drop-lowest',
      maxRetries: 1,
      abandonAfter: 40,
      checkHealth: (error) => (error as Error).message !== 'sick',
    });
    const ends = new Map<string, string[]>();
    const arrived = new Set<string>();
    manager.on('queued', ({ task }) => arrived.add(task.id));
    for (const event of FINAL) {
      manager.on(event, ({ task }) => ends.set(task.id, [...(ends.get(task.id) ?? []), event]));
    }
    const count = 150;
    const outcomes = [];
    for (let i = 0; i < count; i++) {
      const controller = new AbortController();
      const handle = manager.submit(
        async (resource) => {
          await resource.work(5 + (i % 7));
          if (i % 5 === 0) throw new Error('sick');
          if (i % 11 === 0) throw new Error('own');
        },
        {
          priority: i % 3,
          signal: controller.signal,
          ...(i % 13 === 0 && { timeout: 2 }),
          ...(i % 17 === 0 && { queueTimeout: 3 }),
        },
      );
      outcomes.push(watch(handle.result));
      if (i % 19 === 0) handle.cancel();
      if (i % 23 === 0) controller.abort();
      await clock.advance(i % 4);
    }
    await clock.advance(5);
    watch(manager.kill());
    await clock.advance(1_000);
    expect(outcomes.map(({ state }) => state)).not.toContain('pending');
    expect([...ends.values()].filter((events) => events.length !== 1)).toEqual([]);
    expect(ends.size).toBe(count);
    expect([...arrived].every((id) => ends.has(id))).toBe(true);
    expect(new Set([...ends.values()].flat())).toEqual(new Set(FINAL));
  });

  it('tells a listener nothing that was caused before it listened', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask(() => 1, { name: 'a' }));
    await clock.advance(0);
    const log = recordEvents(manager, ['queued', 'completed']);
    await clock.advance(0);
    expect(log).toEqual([]);
  });

  it('retried carries the error and the delay', async () => {
    const sick = new Error('sick');
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 33 }) });
    const log: unknown[] = [];
    manager.on('retried', ({ task, error, delay }) => log.push([task.state, task.attempt, error, delay]));
    watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw sick;
      }),
    );
    await clock.advance(100);
    expect(log).toEqual([['retrying', 1, sick, 33]]);
  });

  it('failed and cancelled carry the error and the reason that the caller gets', async () => {
    const { manager, clock } = await start();
    const log: unknown[] = [];
    manager.on('failed', ({ error }) => log.push(error));
    manager.on('cancelled', ({ reason }) => log.push(reason));
    const failing = watch(manager.queueTask(() => Promise.reject(new Error('own'))));
    await clock.advance(0);
    const cancelled = manager.submit(() => new Promise(() => {}));
    const outcome = watch(cancelled.result);
    await clock.advance(0);
    cancelled.cancel({ why: 'x' });
    await clock.advance(0);
    expect([log[0] === failing.error, log[1] === outcome.error, log.length]).toEqual([true, true, 2]);
  });

  it('on() refuses an unknown event and what is no function', async () => {
    const { manager } = await start();
    expect(() => manager.on('complete' as never, () => {})).toThrow(/complete/);
    expect(() => manager.on('completed', 5 as never)).toThrow();
  });
});

describe('`on` of the configuration', () => {
  it('hears of the very first creation, and of a start that fails', async () => {
    const { clock, manage, config, fakes } = harness({ failCreate: (n) => n === 3 });
    const log: string[] = [];
    const on = {
      resourceCreated: () => void log.push('resourceCreated'),
      createFailed: ({ error }: TaskerEvents['createFailed']) => void log.push((error as Error).message),
      stopped: () => void log.push('stopped'),
    };
    await manage({ workerCount: 2, on });
    expect(log).toEqual(['resourceCreated', 'resourceCreated']);
    const failed = watch(createTaskManager(config({ on })));
    await clock.advance(0);
    expect([failed.state, fakes.created]).toEqual(['rejected', 2]);
    expect(log.slice(2)).toEqual(['creation 3 failed', 'stopped']);
  });

  it('calls a listener as a method of what it came in, and reports what it throws', async () => {
    const on = {
      names: [] as unknown[],
      get queued() {
        reads++;
        return function (this: { names: unknown[] }, { task }: TaskerEvents['queued']) {
          this.names.push(task.name);
          throw new Error('the listener');
        };
      },
      error: ({ error, source }: TaskerEvents['error']) => void on.names.push(source, (error as Error).message),
    };
    let reads = 0;
    Object.defineProperty(on, 'names', { enumerable: false });
    const { manager, clock } = await start({ on });
    watch(manager.queueTask(() => 1, { name: 'a' }));
    await clock.advance(0);
    expect([on.names, reads]).toEqual([['a', 'listener', 'the listener'], 1]);
  });

  it('takes the methods of a class for listeners', async () => {
    class Told {
      readonly #names: unknown[] = [];
      completed({ task }: TaskerEvents['completed']): void {
        this.#names.push(task.name);
      }
      static names(told: Told): unknown[] {
        return told.#names;
      }
    }
    const told = new Told();
    const { manager, clock } = await start({ on: told });
    watch(manager.queueTask(() => 1, { name: 'a' }));
    await clock.advance(0);
    expect(Told.names(told)).toEqual(['a']);
  });

  it.each([
    [{ complete: () => {} }, 'on.complete is not an event, did you mean on.completed?'],
    [{ xyz: () => {} }, 'on.xyz is not an event'],
    [{ completed: 5 }, 'on.completed must be a function, got 5'],
    [[() => {}], 'on.0 is not an event'],
  ])('refuses %o', async (on, message) => {
    const { config, fakes } = harness();
    const outcome = watch(createTaskManager(config({ on: on as never })));
    await Promise.resolve();
    await Promise.resolve();
    expect([(outcome.error as TaskerError).code, (outcome.error as TaskerError).message]).toEqual([
      'INVALID_CONFIG',
      message,
    ]);
    expect(fakes.created).toBe(0);
  });

  it('takes undefined for no listener', async () => {
    const { manage } = harness();
    await manage({ on: { completed: undefined } as never });
  });
});

describe('finishedAt', () => {
  it('is when the task ended, by the clock, however it ended', async () => {
    const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4 });
    const from = clock.now();
    const log: unknown[] = [];
    for (const event of ['completed', 'failed', 'cancelled'] as const) {
      manager.on(event, ({ task, finishedAt }) => log.push([event, task.name, finishedAt - from]));
    }
    const controller = new AbortController();
    watch(manager.queueTask((resource) => resource.work(10), { name: 'works' }));
    watch(
      manager.queueTask((resource) => resource.work(20).then(() => Promise.reject(new Error('no'))), { name: 'fails' }),
    );
    watch(manager.queueTask((resource) => resource.work(90), { name: 'times out', timeout: 30 }));
    watch(manager.queueTask((resource) => resource.work(90), { name: 'cancelled', signal: controller.signal }));
    await clock.advance(40);
    controller.abort();
    await clock.advance(10);
    watch(manager.queueTask((resource) => resource.work(90), { name: 'killed' }));
    watch(manager.kill());
    await clock.advance(100);
    expect(log).toEqual([
      ['completed', 'works', 10],
      ['failed', 'fails', 20],
      ['failed', 'times out', 30],
      ['cancelled', 'cancelled', 40],
      ['cancelled', 'killed', 50],
    ]);
  });

  it('costs no reading of the clock where nobody listens', async () => {
    const { clock, manage } = harness();
    let reads = 0;
    const counting = {
      now: () => (reads++, clock.now()),
      setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms),
      clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
    };
    const readings = async (event?: 'cancelled'): Promise<number> => {
      const manager = await manage({ clock: counting, scaling: 'off' });
      if (event !== undefined) manager.on(event, () => {});
      watch(manager.queueTask((resource) => resource.work(10)));
      await clock.advance(0);
      const handles = Array.from({ length: 100 }, () => manager.submit(() => 1));
      const before = reads;
      for (const handle of handles) handle.cancel();
      return reads - before;
    };
    expect([await readings(), await readings('cancelled')]).toEqual([0, 100]);
    await clock.advance(10);
  });
});
