import { describe, expect, it } from 'vitest';
import { createTaskManager, isTaskerError, startTaskManager } from '../../src/index.ts';
import type { TaskContext, TaskManager, TaskManagerConfig, TaskOptions } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { describe as describeValue } from '../../src/primitives/check.ts';
import { harness, start, watch } from '../support/harness.ts';

type Method = 'queueTask' | 'queueTaskOnce' | 'queueTaskWithPriority' | 'queueTaskWithPriorityOnce' | 'runTask';
const METHODS: readonly Method[] = [
  'queueTask',
  'queueTaskOnce',
  'queueTaskWithPriority',
  'queueTaskWithPriorityOnce',
  'runTask',
];

/** Submits with types switched off, as JavaScript would, and returns the error. */
async function refusal(
  manager: TaskManager<FakeResource>,
  method: Method,
  task: unknown,
  options?: unknown,
): Promise<Error> {
  let promise: Promise<unknown>;
  try {
    promise = manager[method](task as () => void, options as TaskOptions);
  } catch (error) {
    throw new Error('it threw instead of rejecting', { cause: error });
  }
  const error: unknown = await promise.then(
    () => new Error('it was accepted'),
    (error: unknown) => error,
  );
  return error as Error;
}

describe('wrong options', () => {
  it('reject with INVALID_CONFIG before anything is made', async () => {
    const wrong: Record<string, unknown>[] = [
      { onCreate: undefined },
      { onDestroy: undefined },
      { onCreate: 'connect' },
      { workerCount: undefined },
      { workerCount: 0 },
      { workerCount: -1 },
      { workerCount: 1.5 },
      { workerCount: Number.NaN },
      { workerCount: Infinity },
      { workerCount: '4' },
      { workerCount: 4, maxWorkerCount: 3 },
      { maxWorkerCount: Number.NaN },
      { burstInterval: Number.NaN },
      { timeout: -1 },
      { queueTimeout: -0.001 },
      { abandonAfter: Number.NaN },
      { createTimeout: -5 },
      { destroyTimeout: -5 },
      { targetWait: -1 },
      { idleTimeout: -1 },
      { maxRetries: -1 },
      { resourcePoolSize: 0.5 },
      { workerCuont: 4 },
    ];
    for (const options of wrong) {
      const { fakes, config } = harness();
      const input = config(options);
      const error: unknown = await createTaskManager(input).catch((error: unknown) => error);
      expect(isTaskerError(error, 'INVALID_CONFIG'), JSON.stringify(options)).toBe(true);
      expect(fakes.attempts, JSON.stringify(options)).toBe(0);
    }
  });

  it('never throw: the promise rejects, whatever is passed for the whole configuration', async () => {
    for (const config of [undefined, null, 4, 'config', () => {}, [], {}]) {
      const promise = createTaskManager(config as TaskManagerConfig<unknown>);
      const error: unknown = await promise.catch((error: unknown) => error);
      expect(isTaskerError(error, 'INVALID_CONFIG'), describeValue(config)).toBe(true);
    }
  });

  it('name the option, the rule and the value', async () => {
    const { config } = harness();
    await expect(createTaskManager(config({ workerCount: 0 }))).rejects.toThrow(
      'workerCount must be a positive integer, got 0',
    );
    await expect(createTaskManager(config({ workerCount: 4, maxWorkerCount: 3 }))).rejects.toThrow(
      /^maxWorkerCount .*workerCount.* got 3$/,
    );
  });

  it('that are unknown are refused with the nearest known one as a hint', async () => {
    const { config } = harness();
    await expect(createTaskManager({ ...config(), workerCuont: 4 } as never)).rejects.toThrow(
      /workerCuont.*did you mean workerCount\?/,
    );
    await expect(createTaskManager({ ...config(), xyzzy: 1 } as never)).rejects.toThrow(/xyzzy/);
  });

  it('of a task reject that task with INVALID_CONFIG, and it never runs', async () => {
    const { manager } = await start({ resourcePoolSize: 1 });
    const runs: string[] = [];
    const wrong: unknown[] = [
      { priority: Number.NaN },
      { priority: Infinity },
      { priority: '1' },
      { timeout: -1 },
      { timeout: Number.NaN },
      { queueTimeout: -1 },
      { deadline: -1 },
      { deadline: new Date(Number.NaN) },
      { deadline: '2030-01-01' },
      { retry: true },
      { retry: { maxRetries: -1 } },
      { retry: { maxRetries: 1.5 } },
      { retry: { backoff: 100 } },
      { retry: { budget: { ratio: 1, minPerSecond: 1 } } },
      { name: 7 },
      { key: 7 },
      { signal: {} },
      { timeuot: 100 },
      { timeout: null },
      null,
      7,
      'fast',
    ];
    for (const method of METHODS) {
      for (const options of wrong) {
        const error = await refusal(manager, method, () => runs.push(method), options);
        expect(isTaskerError(error, 'INVALID_CONFIG'), `${method} ${JSON.stringify(options)}: ${error.message}`).toBe(
          true,
        );
      }
    }
    expect(runs).toEqual([]);
    expect(manager.metrics()).toMatchObject({ totalTasksArrived: 0, totalTasksFailed: 0 });
  });

  it('of a task that are unknown are refused with a hint', async () => {
    const { manager } = await start();
    const error = await refusal(manager, 'queueTask', () => 1, { timeuot: 100 });
    expect(error.message).toMatch(/timeuot.*did you mean timeout\?/);
  });

  it('include a task that is neither a function nor an object with execute', async () => {
    const { manager } = await start({ resourcePoolSize: 1 });
    for (const method of METHODS) {
      for (const task of [undefined, null, 1, 'task', {}, { execute: 1 }, [], Promise.resolve()]) {
        const error = await refusal(manager, method, task);
        expect(isTaskerError(error, 'INVALID_CONFIG'), `${method} ${describeValue(task)}`).toBe(true);
      }
    }
  });

  it('of stop() reject with INVALID_CONFIG and do not stop', async () => {
    const { manager } = await start();
    for (const options of [{ timeout: -1 }, { timeout: Number.NaN }, { timeuot: 1 }, null, 5]) {
      const stopped = watch(manager.stop(options as { timeout: number }));
      await Promise.resolve();
      await Promise.resolve();
      expect(isTaskerError(stopped.error, 'INVALID_CONFIG'), JSON.stringify(options)).toBe(true);
    }
    expect(manager.stats().state).toBe('running');
    await expect(manager.queueTask(() => 'alive')).resolves.toBe('alive');
  });

  it('absent and undefined options mean the default', async () => {
    const optional: Record<string, undefined> = {};
    for (const key of ['maxRetries', 'timeout', 'logger', 'collector', 'signal', 'name', 'retry', 'scaling']) {
      optional[key] = undefined;
    }
    const { manager } = await start(optional);
    await expect(
      manager.queueTask(() => 1, { timeout: undefined, priority: undefined, retry: undefined }),
    ).resolves.toBe(1);
  });

  it('may be Infinity where they are limits, and the word for what is the default', async () => {
    const { manager } = await start({
      maxQueueSize: Infinity,
      maxTemporaryResources: Infinity,
      maxUses: Infinity,
      keyConcurrency: Infinity,
      scaling: 'auto',
      onFull: 'reject',
    });
    await expect(manager.queueTask(() => 1)).resolves.toBe(1);
    await expect(manager.runTask(() => 2)).resolves.toBe(2);
  });
});

describe('without onCreate and onDestroy', () => {
  it('workers own nothing, and the rest is as ever: a limit, priorities, retries, runTask, leases, an end', async () => {
    const clock = new VirtualClock();
    const manager: TaskManager<undefined> = await createTaskManager({
      workerCount: 2,
      scaling: 'off',
      clock,
      checkHealth: (error, { resource }) => resource !== undefined || String(error) !== 'sick',
    });
    const log: unknown[] = [];
    const work = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
    const run = async (resource: undefined, { name }: TaskContext): Promise<void> => {
      log.push([name, resource, manager.stats().runningTasks]);
      await work(10);
    };
    for (const name of ['a', 'b', 'c']) watch(manager.queueTask(run, { name }));
    watch(manager.queueTaskWithPriority(run, { name: 'urgent' }));
    await clock.advance(20);
    expect(log).toEqual([
      ['urgent', undefined, 1],
      ['a', undefined, 2],
      ['b', undefined, 2],
      ['c', undefined, 2],
    ]);
    const retried = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw 'sick';
        return attempt;
      }),
    );
    const direct = watch(manager.runTask((resource) => resource));
    await using lease = await manager.lease();
    await clock.advance(0);
    expect([retried.value, direct.state, direct.value, lease.resource]).toEqual([2, 'fulfilled', undefined, undefined]);
    await lease.release();
    const stopping = watch(manager.stop());
    await clock.advance(0);
    expect([stopping.state, manager.stats().state, clock.pending]).toEqual(['fulfilled', 'stopped', 0]);
  });

  it('an option that is undefined is one left out, by the types, too', async () => {
    const given: { signal?: AbortSignal } = {};
    const { signal } = given;
    const manager = await createTaskManager({ workerCount: 1, signal, logger: undefined, timeout: undefined });
    expect(await manager.queueTask(() => 1, { signal, key: undefined })).toBe(1);
    const results: number[] = [];
    for await (const result of manager.map([2], (item) => item, { signal, concurrency: undefined }))
      results.push(result);
    expect(results).toEqual([2]);
    await (await manager.lease({ signal })).release();
    manager.resize({ maxWorkerCount: undefined });
    await manager.stop();
  });

  it('tasks are typed: there is no resource to call', async () => {
    const manager: TaskManager<undefined> = startTaskManager({ workerCount: 1 });
    // @ts-expect-error -- it is undefined
    const wrong = manager.queueTask((resource) => resource.query());
    await expect(wrong).rejects.toThrow(TypeError);
    // @ts-expect-error -- a manager of connections makes them
    const other: Promise<TaskManager<{ query(): void }>> = createTaskManager({ workerCount: 1 });
    await (await other).stop();
    await manager.stop();
  });

  it('one of them alone is refused, by the types, too', async () => {
    // @ts-expect-error -- onDestroy is missing
    const first = createTaskManager({ workerCount: 1, onCreate: () => 1 });
    // @ts-expect-error -- onCreate is missing
    const second = createTaskManager({ workerCount: 1, onDestroy: () => {} });
    const rule = 'onCreate and onDestroy must be given both or neither';
    await expect(first).rejects.toThrow(`${rule}, got onCreate alone`);
    await expect(second).rejects.toThrow(`${rule}, got onDestroy alone`);
  });
});
