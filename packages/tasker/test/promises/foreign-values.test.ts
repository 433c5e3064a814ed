import { getEventListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { createTaskManager } from 'tasker';
import type { Clock, TaskManager, TaskOptions } from 'tasker';
import { VirtualClock } from 'tasker/testing';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it, vi } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK } from '../support/failures.ts';
import { collecting } from '../support/collecting.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { start, watch } from '../support/harness.ts';
import type { Bench, Outcome } from '../support/harness.ts';
import { withThen } from '../support/with-then.ts';

type Submit = (manager: TaskManager<FakeResource>, options: TaskOptions) => Promise<unknown>;

/** Every way to submit, and what else takes options of a task. */
const SUBMISSIONS: Record<string, Submit> = {
  queueTask: (manager, options) => manager.queueTask(() => 'done', options),
  queueTaskOnce: (manager, options) => manager.queueTaskOnce(() => 'done', options),
  queueTaskWithPriority: (manager, options) => manager.queueTaskWithPriority(() => 'done', options),
  runTask: (manager, options) => manager.runTask(() => 'done', options),
  submit: (manager, options) => manager.submit(() => 'done', options).result,
  lease: async (manager, options) => (await manager.lease(options)).release(),
  map: (manager, options) => manager.map([1], () => 'done', options).next(),
};

/** An option whose getter calls `read` and then gives `value`. */
function getter<K extends keyof TaskOptions>(key: K, read: () => void, value: TaskOptions[K]): TaskOptions {
  return Object.defineProperty({}, key, {
    enumerable: true,
    get: () => {
      read();
      return value;
    },
  }) as TaskOptions;
}

const throwing = (error: unknown) => (): never => {
  throw error;
};

/** A signal that is not the runtime's own; what is given replaces a part of it. */
function foreignSignal(parts: Partial<AbortSignal> = {}): AbortSignal {
  const signal = { aborted: false, reason: undefined, addEventListener: () => {}, removeEventListener: () => {} };
  return Object.defineProperties(signal, Object.getOwnPropertyDescriptors(parts)) as unknown as AbortSignal;
}

/** Lets the next calls of a method of the clock throw. */
function broken(bench: Bench, method: keyof Clock): { readonly error: Error; readonly mend: () => void } {
  const error = new Error(`${method} failed`);
  const timers = bench.timers as unknown as Record<string, unknown>;
  const original = timers[method];
  timers[method] = throwing(error);
  return { error, mend: () => void (timers[method] = original) };
}

/** No thenable when it is first looked at, and one afterwards. */
function turning(): object {
  let reads = 0;
  return withThen(() => (++reads === 1 ? undefined : () => {}));
}

/** A thenable that says several things. */
const babbler = (say: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): object =>
  withThen(() => say);

/** Nothing has been left in the manager's books, and it still works. */
async function expectUnharmed(bench: Bench): Promise<void> {
  const { manager, clock } = bench;
  await clock.runAll();
  const { queuedTasks, priorityTasks, runningTasks, leases, temporaryResources } = manager.stats();
  expect([queuedTasks, priorityTasks, runningTasks, leases, temporaryResources]).toEqual([0, 0, 0, 0, 0]);
  const { totalTasksArrived, totalTasksCompleted, totalTasksFailed, totalTasksCancelled } = manager.metrics();
  expect(totalTasksCompleted + totalTasksFailed + totalTasksCancelled).toBe(totalTasksArrived);
  if (manager.stats().state !== 'running') return;
  const next = watch(manager.queueTask(() => 'works'));
  const idle = watch(manager.onIdle());
  await clock.runAll();
  expect([next.value, idle.state]).toEqual(['works', 'fulfilled']);
}

describe.each(Object.keys(SUBMISSIONS))('an option that is read by %s', (name) => {
  const submit = SUBMISSIONS[name] as Submit; // a key of it

  it('is read once', async () => {
    const bench = await start({ resourcePoolSize: 1 });
    const keys =
      name === 'lease'
        ? (['name', 'signal', 'priority', 'queueTimeout', 'key'] as const)
        : (['name', 'signal', 'priority', 'timeout', 'queueTimeout', 'deadline', 'retry', 'key'] as const);
    const values: TaskOptions = {
      name: 'n',
      signal: foreignSignal(),
      priority: 1,
      timeout: 5,
      queueTimeout: 5,
      deadline: 5,
      retry: { maxRetries: 1 },
      key: 'k',
    };
    const reads: string[] = [];
    const options = Object.defineProperties(
      {},
      Object.fromEntries(
        keys.map((key) => [key, { enumerable: true, get: () => (reads.push(key), values[key]) }] as const),
      ),
    ) as TaskOptions;
    const result = watch(submit(bench.manager, options));
    await bench.clock.advance(1);
    expect([result.state, reads.toSorted()]).toEqual(['fulfilled', [...keys].toSorted()]);
    await expectUnharmed(bench);
  });

  it('and throws rejects that task alone', async () => {
    const bench = await start({ resourcePoolSize: 1 });
    const error = new Error('no such option');
    const result = watch(submit(bench.manager, getter('priority', throwing(error), 1)));
    await expectUnharmed(bench);
    expect(result.error).toBe(error);
    expect(bench.manager.metrics().totalTasksArrived).toBe(1);
  });

  it.each(['stop', 'kill'] as const)('and calls %s() rejects the task', async (end) => {
    const bench = await start({ resourcePoolSize: 1 });
    let ending: Outcome | undefined;
    const options = getter('queueTimeout', () => void (ending ??= watch(bench.manager[end]())), 5);
    const result = watch(submit(bench.manager, options));
    await bench.clock.runAll();
    expect([result.error, ending?.state]).toMatchObject([{ code: 'STOPPED' }, 'fulfilled']);
    await expectUnharmed(bench);
  });
});

describe('the parts of an option are read once, too:', () => {
  it('those of `retry`', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry' }) });
    const reads: string[] = [];
    const retry = {
      get maxRetries() {
        return reads.push('maxRetries') === 1 ? 2 : Number.NaN;
      },
      get backoff() {
        reads.push('backoff');
        return () => 5;
      },
    };
    const result = watch(manager.queueTask(() => Promise.reject(SICK), { retry }));
    await clock.runAll();
    expect([result.error, reads]).toMatchObject([{ code: 'RETRIES_EXHAUSTED' }, ['maxRetries', 'backoff']]);
  });

  it('a Date, which may be changed afterwards', async () => {
    const { manager, clock } = await start();
    const deadline = new Date(Date.now() + 3_600_000);
    const result = watch(manager.queueTask(() => 'done', { deadline }));
    deadline.setTime(Number.NaN);
    await clock.runAll();
    expect(result.value).toBe('done');
  });

  it('and inherited options are checked like own ones', async () => {
    const { manager, clock } = await start();
    const inherited = watch(manager.queueTask(() => 1, Object.create({ timeout: -1 }) as TaskOptions));
    await clock.runAll();
    expect(inherited.error).toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'timeout must be a number of milliseconds, 0 or more, got -1',
    });
  });

  it('`execute` of a task', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1 }) });
    let reads = 0;
    let runs = 0;
    const task = {
      word: 'done',
      get execute() {
        reads++;
        return function (this: { word: string }): string {
          if (++runs === 1) throw SICK;
          return this.word;
        };
      },
    };
    const result = watch(manager.queueTask(task));
    await clock.runAll();
    expect([result.value, reads, runs]).toEqual(['done', 1, 2]);
  });

  it('the options of stop, recycle and resize', async () => {
    const { manager } = await start({ maxWorkerCount: 1 });
    const reads: string[] = [];
    const once = (key: string, first: unknown): object => ({
      get [key]() {
        reads.push(key);
        return reads.filter((read) => read === key).length === 1 ? first : Number.NaN;
      },
    });
    manager.resize(once('workerCount', 1));
    await manager.recycle(once('reason', 'why'));
    await manager.stop(once('timeout', 1_000));
    expect(reads).toEqual(['workerCount', 'reason', 'timeout']);
  });

  it('the options of a manager', async () => {
    const clock = new VirtualClock();
    const reads: string[] = [];
    const values: Record<string, unknown> = {
      onCreate: () => ({}),
      onDestroy: () => {},
      workerCount: 1,
      maxWorkerCount: 2,
      timeout: 5,
      retry: {
        get maxRetries() {
          reads.push('retry.maxRetries');
          return 1;
        },
      },
      clock,
    };
    const config = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.keys(values).map((key) => [key, { enumerable: true, get: () => (reads.push(key), values[key]) }]),
      ),
    );
    const manager = await createTaskManager(config as never);
    await manager.stop();
    expect(reads.toSorted()).toEqual([...Object.keys(values), 'retry.maxRetries'].toSorted());
  });
});

describe('a signal', () => {
  it.each(Object.keys(SUBMISSIONS))('whose addEventListener throws rejects that task alone, in %s', async (name) => {
    const bench = await start({ resourcePoolSize: 1 });
    const error = new Error('no listeners');
    const signal = foreignSignal({ addEventListener: throwing(error) });
    const result = watch((SUBMISSIONS[name] as Submit)(bench.manager, { signal, queueTimeout: 10 }));
    await bench.settle();
    expect([result.error, bench.timers.armed]).toEqual([error, 0]);
    await expectUnharmed(bench);
  });

  it('whose removeEventListener throws is reported, and the task keeps its outcome', async () => {
    const bench = await start();
    const errors: unknown[] = [];
    bench.manager.on('error', (event) => errors.push(event));
    const error = new Error('cannot remove');
    const signal = foreignSignal({ removeEventListener: throwing(error) });
    const result = watch(bench.manager.queueTask(() => 'done', { signal }));
    await expectUnharmed(bench);
    expect([result.value, errors]).toEqual(['done', [{ source: 'signal', error }]]);
  });

  it('that is aborted by another option of the same task cancels it', async () => {
    const bench = await start();
    const controller = new AbortController();
    const options = getter('timeout', () => controller.abort('late'), 5);
    const result = watch(bench.manager.queueTask(() => 1, { ...{ signal: controller.signal }, ...options }));
    const other = watch(
      bench.manager.queueTask(
        () => 1,
        Object.defineProperty({ signal: controller.signal }, 'key', { get: () => controller.abort() }),
      ),
    );
    await expectUnharmed(bench);
    expect([result.error, other.error]).toEqual(['late', 'late']);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('that aborts while it gets its listener, or while a clock arms the timer of the task, rejects the task', async () => {
    const bench = await start();
    const eager = foreignSignal({ addEventListener: (_: string, listener: unknown) => (listener as () => void)() });
    const first = watch(bench.manager.queueTask(() => 1, { signal: eager }));
    const controller = new AbortController();
    const arm = bench.timers.setTimeout.bind(bench.timers);
    bench.timers.setTimeout = (...args) => {
      controller.abort('from the clock');
      return arm(...args);
    };
    const second = watch(bench.manager.queueTask(() => 1, { signal: controller.signal, deadline: 10 }));
    bench.timers.setTimeout = arm;
    await bench.settle();
    expect([first.error, second.error]).toEqual([expect.objectContaining({ name: 'AbortError' }), 'from the clock']);
    await expectUnharmed(bench);
  });

  it('that is asked to forget its listener and kills the manager finds the task settled', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 2 });
    let killing: Outcome | undefined;
    const signal = foreignSignal({ removeEventListener: () => void (killing ??= watch(bench.manager.kill())) });
    const result = watch(bench.manager.queueTask(() => 'done', { signal }));
    const other = watch(bench.manager.queueTask(() => new Promise(() => {})));
    await bench.clock.runAll();
    expect([result.value, result.settlements, other.error, killing?.state]).toMatchObject([
      'done',
      1,
      { code: 'KILLED' },
      'fulfilled',
    ]);
    await expectUnharmed(bench);
  });

  it('whose victim of admission kills the manager rejects the newcomer', async () => {
    const bench = await start({ maxWorkerCount: 1, maxQueueSize: 1, onFull: 'drop-oldest' });
    const end = deferred<void>();
    const running = watch(bench.manager.queueTask(() => end.promise));
    await bench.settle();
    const signal = foreignSignal({ removeEventListener: () => void watch(bench.manager.kill()) });
    const victim = watch(bench.manager.queueTask(() => 1, { signal }));
    const newcomer = watch(bench.manager.queueTask(() => 2));
    await bench.settle();
    expect([running.error, victim.error, newcomer.error]).toMatchObject([
      { code: 'KILLED' },
      { code: 'DROPPED' },
      { code: 'STOPPED' },
    ]);
    end.resolve();
    await expectUnharmed(bench);
  });

  it('of a manager whose addEventListener throws fails the start, and nothing is made', async () => {
    let made = 0;
    const error = new Error('no listeners');
    const config = { onCreate: () => ++made, onDestroy: () => {}, workerCount: 1 };
    const signal = foreignSignal({ addEventListener: throwing(error) });
    await expect(createTaskManager({ ...config, signal })).rejects.toBe(error);
    const eager = foreignSignal({ addEventListener: (_: string, listener: unknown) => (listener as () => void)() });
    await expect(createTaskManager({ ...config, signal: eager })).rejects.toMatchObject({ name: 'AbortError' });
    expect(made).toBe(0);
  });
});

describe('a clock that throws', () => {
  it.each([
    ['now', {}],
    ['setTimeout', { queueTimeout: 5 }],
    ['setTimeout', { deadline: 5 }],
  ] as const)('in %s() at a submission rejects that task alone', async (method, options) => {
    for (const [name, submit] of Object.entries(SUBMISSIONS)) {
      if (name === 'map' || (name === 'lease' && 'deadline' in options)) continue; // a map submits later
      const bench = await start({ resourcePoolSize: 1 });
      const { error, mend } = broken(bench, method);
      const result = watch(submit(bench.manager, options));
      mend();
      await bench.settle();
      expect([result.error, bench.timers.armed]).toEqual([error, 0]);
      await expectUnharmed(bench);
    }
  });

  it('at any other time is reported, and every task keeps its outcome', async () => {
    const bench = await start({
      resourcePoolSize: 1,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1 }),
    });
    const errors: { source: string; error: unknown }[] = [];
    bench.manager.on('error', (event) => errors.push(event));
    const results = [
      bench.manager.queueTask(() => 'done', { timeout: 5, deadline: 5 }),
      bench.manager.runTask(() => 'done'),
      bench.manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : 'done')),
    ].map((promise) => watch(promise));
    const now = broken(bench, 'now');
    const clear = broken(bench, 'clearTimeout');
    await bench.settle();
    now.mend();
    clear.mend();
    await bench.clock.runAll();
    expect(results.map(({ value }) => value)).toEqual(['done', 'done', 'done']);
    expect(new Set(errors.map(({ source, error }) => (source === 'clock' ? error : source)))).toEqual(
      new Set([now.error, clear.error]),
    );
    await bench.clock.runAll(); // the timers that could not be cleared
    await bench.clock.advance(100);
    await expectUnharmed(bench);
  });
});

describe('a clock that takes Infinity for no time, as the timers of the runtime do,', () => {
  it('is never asked to wait that long', async () => {
    const bench = await start({ resourcePoolSize: 1 });
    const { mock } = vi.spyOn(bench.timers, 'setTimeout');
    watch(bench.manager.queueTask(bench.work(5), { key: 'k' }));
    watch(bench.manager.queueTask(bench.work(5), { timeout: 50, deadline: 100 }));
    watch(bench.manager.runTask(bench.work(5), { queueTimeout: 50 }));
    await bench.clock.advance(20);
    watch(bench.manager.stop({ timeout: Infinity }));
    await bench.clock.runAll();
    const waits = mock.calls.map(([, ms]) => ms);
    expect(waits.length).toBeGreaterThan(3);
    expect(waits).not.toContain(Infinity);
  });
});

describe('a verdict', () => {
  it('is read once', async () => {
    const reads: string[] = [];
    const once = (key: string, value: unknown): unknown => {
      if (reads.includes(key)) throw new Error(`${key} was read again`);
      reads.push(key);
      return value;
    };
    const { manager, clock } = await start({
      checkHealth: (): never =>
        ({
          get resource() {
            return once('resource', 'keep');
          },
          get task() {
            return once('task', 'retry');
          },
          get after() {
            return once('after', 3);
          },
        }) as never,
    });
    const result = watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : clock.now())));
    await clock.runAll();
    expect([result.value, reads]).toEqual([3, ['after', 'resource', 'task']]);
  });

  it('whose getter cancels the task changes its outcome no more', async () => {
    const controller = new AbortController();
    const bench = await start({
      checkHealth: () => ({
        resource: 'keep',
        get task() {
          controller.abort('cancelled by the verdict');
          return 'retry' as const;
        },
      }),
    });
    const { signal } = controller;
    const result = watch(bench.manager.queueTask(() => Promise.reject(SICK), { signal, retry: { maxRetries: 1 } }));
    await bench.clock.runAll();
    expect([result.error, result.settlements]).toEqual(['cancelled by the verdict', 1]);
    await expectUnharmed(bench);
  });
});

describe('what a task returns', () => {
  it.each<[string, () => unknown]>([
    [
      'a thenable',
      () =>
        babbler((resolve, reject) => {
          resolve('first');
          resolve('second');
          reject(new Error('third'));
          throw new Error('fourth');
        }),
    ],
    [
      'a promise with a `then` of its own',
      () =>
        Object.assign(Promise.resolve('own'), {
          // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
          then: (resolve: (value: unknown) => void) => {
            resolve('first');
            resolve('second');
            queueMicrotask(() => resolve('third'));
          },
        }),
    ],
  ])('is %s that calls back more than once: its first word counts', async (_, make) => {
    const bench = await start();
    const result = watch(bench.manager.queueTask(make as () => string));
    const other = deferred<string>();
    const next = watch(bench.manager.queueTask(() => other.promise));
    await bench.settle();
    expect([result.value, result.settlements, next.state]).toEqual(['first', 1, 'pending']);
    other.resolve('its own value');
    await bench.settle();
    expect([next.value, next.settlements]).toEqual(['its own value', 1]);
    await expectUnharmed(bench);
  });

  it('has a `then` that is read once', async () => {
    const bench = await start();
    let reads = 0;
    const value = withThen(() => (++reads === 1 ? (resolve: (value: string) => void) => resolve('said') : undefined));
    const result = watch(bench.manager.queueTask(() => value as never));
    await expectUnharmed(bench);
    expect([result.value, reads]).toEqual(['said', 1]);
  });

  it('has a `then` that throws when it is read or called: the task fails with that', async () => {
    const bench = await start({ resourcePoolSize: 1 });
    const error = new Error('no then');
    const odd = [withThen(throwing(error)), withThen(() => throwing(error))];
    for (const value of odd) {
      const results = [bench.manager.queueTask(() => value), bench.manager.runTask(() => value)].map((result) =>
        watch(result),
      );
      await bench.settle();
      expect(results.map((result) => result.error)).toEqual([error, error]);
    }
    await expectUnharmed(bench);
  });

  it('is no thenable at first and one afterwards: the task fails, and does not hang', async () => {
    const bench = await start();
    const results = [bench.manager.queueTask(turning), bench.manager.queueTask(async () => turning())].map((result) =>
      watch(result),
    );
    await expectUnharmed(bench);
    for (const { error } of results)
      expect(error).toMatchObject({ name: 'TypeError', message: /turn into a thenable/ });
  });

  it('has a `then` that kills the manager', async () => {
    const bench = await start();
    let killing: Outcome | undefined;
    const value = withThen(() => void (killing ??= watch(bench.manager.kill())));
    const result = watch(bench.manager.queueTask(() => value));
    await bench.clock.runAll();
    expect([result.error, result.settlements, killing?.state]).toMatchObject([{ code: 'KILLED' }, 1, 'fulfilled']);
    await expectUnharmed(bench);
  });
});

describe('a collector that shows nothing, or not yet, is reported, and the metrics are empty', () => {
  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['a promise', () => Promise.reject(new Error('later'))],
    ['a number', () => 5],
    ['numbers whose getter throws', () => Object.defineProperty({}, 'p95', { enumerable: true, get: throwing(SICK) })],
  ])('%s', async (_, metrics) => {
    const collector = collecting({ metrics: metrics as never });
    const { manager, settle } = await start({ collector });
    const sources: string[] = [];
    manager.on('error', ({ source }) => sources.push(source));
    expect(manager.metrics()).toMatchObject({
      totalTasksCompleted: 0,
      averageExecutionTime: 0,
      totalResourcesCreated: 1,
    });
    await settle();
    expect(sources).toEqual(['collector']);
  });
});

describe('values of another realm', () => {
  const other = runInNewContext(`({
    date: (ms) => new Date(ms),
    promise: (value) => Promise.resolve(value),
    rejection: () => Promise.reject(new Error('of the other realm')),
    task: () => async () => 'from there',
    options: () => ({ timeout: 5, retry: { maxRetries: 0 } }),
  })`) as {
    date(ms: number): Date;
    promise(value: unknown): Promise<unknown>;
    readonly rejection: () => Promise<never>;
    task(): () => Promise<string>;
    options(): TaskOptions;
  };

  it('are taken for what they are: tasks, options, promises, dates', async () => {
    const bench = await start();
    expect(other.date(0)).not.toBeInstanceOf(Date);
    expect(other.promise(1)).not.toBeInstanceOf(Promise);
    const end = deferred<void>();
    const results = [
      bench.manager.queueTask(other.task(), other.options()),
      bench.manager.queueTask(() => other.promise('promised')),
      bench.manager.queueTask(() => other.rejection()),
      bench.manager.queueTask(() => end.promise, { deadline: other.date(Date.now() + 5_000) }),
      bench.manager.queueTask(() => 1, { deadline: other.date(Number.NaN) }),
    ].map((result) => watch(result));
    await bench.clock.advance(6_000);
    expect(results).toMatchObject([
      { value: 'from there' },
      { value: 'promised' },
      { error: { message: 'of the other realm' } },
      { error: { code: 'DEADLINE' } },
      { error: { message: /deadline must be .* a valid Date, got \[Invalid Date\]/ } },
    ]);
    end.resolve();
    await expectUnharmed(bench);
  });

  it('are reported when a hook, a listener or a logger returns a promise of there that rejects', async () => {
    const rejects = other.rejection as () => never;
    const logger = { ...silentLogger, info: rejects };
    const { manager, settle } = await start({ checkHealth: rejects, logger });
    const reported: string[] = [];
    manager.on('error', ({ source }) => reported.push(source));
    manager.on('queued', rejects);
    const result = watch(manager.queueTask(() => Promise.reject(SICK)));
    await settle();
    expect([result.error, reported.toSorted()]).toEqual([SICK, ['checkHealth', 'listener']]);
    const stopping = watch(manager.stop());
    await settle();
    expect([stopping.state, reported.includes('logger')]).toEqual(['fulfilled', true]);
  });

  it('an aborted signal without a reason rejects with an AbortError', async () => {
    const bench = await start();
    const listeners = new Set<unknown>();
    const signal = foreignSignal({
      addEventListener: (_: string, listener: unknown) => void listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => void listeners.delete(listener),
    });
    const end = deferred<void>();
    const running = watch(bench.manager.queueTask(() => end.promise, { signal }));
    await bench.settle();
    const [listener] = [...listeners];
    expect(listener).toBeTypeOf('function');
    (listener as () => void)();
    const aborted = watch(bench.manager.queueTask(() => 1, { signal: foreignSignal({ aborted: true }) }));
    await bench.settle();
    for (const { error } of [running, aborted]) {
      expect(error).toBeInstanceOf(DOMException);
      expect(error).toMatchObject({ name: 'AbortError', code: 20 });
    }
    expect(listeners.size).toBe(0);
    end.resolve();
    await expectUnharmed(bench);
    const config = { onCreate: () => 1, onDestroy: () => {}, workerCount: 1 };
    const starting = createTaskManager({ ...config, signal: foreignSignal({ aborted: true }) });
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
