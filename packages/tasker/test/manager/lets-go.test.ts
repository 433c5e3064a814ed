import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { TaskContext, TaskManager, TaskManagerConfig, TaskOptions } from '../../src/index.ts';

/** One resource for everything, so that tasks wait. */
const config: TaskManagerConfig<object> = {
  onCreate: () => ({}),
  onDestroy: () => {},
  workerCount: 1,
  maxWorkerCount: 1,
  resourcePoolSize: 1,
};

const never = (): Promise<never> => new Promise<never>(() => {});

/** Ways in which a task ends. Each submits one or some and resolves when they are over. */
const ENDINGS: Record<string, (manager: TaskManager<object>, submit: Submit) => Promise<unknown>> = {
  completed: (_, submit) => submit(() => 1).result,
  failed: (_, submit) => ignore(submit(() => Promise.reject(new Error('no'))).result),
  'thrown synchronously': (_, submit) =>
    ignore(
      submit(() => {
        throw new Error('no');
      }).result,
    ),
  'cancelled while it waits': async (manager, submit) => {
    manager.pause();
    const handle = submit(never);
    await setImmediate();
    handle.cancel('enough');
    manager.resume();
    await ignore(handle.result);
  },
  'cancelled before it waits': async (_, submit) => {
    const handle = submit(never);
    handle.cancel('enough');
    await ignore(handle.result);
  },
  'cancelled while it runs': async (_, submit) => {
    const handle = submit(
      (__, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
    );
    await setImmediate();
    handle.cancel('enough');
    await ignore(handle.result);
  },
  'timed out': (_, submit) =>
    ignore(
      submit((__, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })), {
        timeout: 1,
      }).result,
    ),
  'past its queueTimeout': async (manager, submit) => {
    manager.pause();
    await ignore(submit(never, { queueTimeout: 1 }).result);
    manager.resume();
  },
  'refused because of its options': (_, submit) => ignore(submit(() => 1, { priority: Number.NaN }).result),
  'refused because it was aborted': (_, submit) => ignore(submit(() => 1, { signal: AbortSignal.abort('no') }).result),
};

type Submit = (
  task: (resource: object, context: TaskContext) => unknown,
  options?: TaskOptions,
) => ReturnType<TaskManager<object>['submit']>;

const fail = (): Promise<void> => setImmediate().then(() => Promise.reject(new Error('sick')));

async function ignore(promise: Promise<unknown>): Promise<void> {
  // As long as nobody has read its stack, an error of V8 holds the functions of its frames.
  await promise.catch((error: unknown) => error instanceof Error && error.stack);
}

async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await setImmediate();
    void new Error('another').stack; // what prepares stacks may hold the functions of the last one
    globalThis.gc?.();
  }
}

describe('a task that is over', () => {
  const store = new AsyncLocalStorage<object>();
  let manager: TaskManager<object> | undefined;

  afterEach(async () => {
    await manager?.kill();
  });

  it.each(Object.keys(ENDINGS).flatMap((how) => [{ how }, { how, stuckAfter: 60_000 }]))(
    'lets go of function, async store and signal, whatever is kept of it: $how, stuckAfter $stuckAfter',
    async ({ how, ...options }) => {
      const running = await createTaskManager({ ...config, ...options });
      manager = running;
      const kept: unknown[] = [];
      const refs: WeakRef<object>[] = [];
      const watch = (value: object): void => void refs.push(new WeakRef(value));
      const submit: Submit = (task, taskOptions = {}) => {
        const [big, controller, context] = [{}, new AbortController(), {}];
        const fn: Parameters<Submit>[0] = (resource, own) => {
          kept.push(own); // a context that is kept
          return (big as { call?: typeof task }).call === undefined ? task(resource, own) : undefined;
        };
        const signal = taskOptions.signal ?? controller.signal;
        for (const value of [big, fn, context]) watch(value);
        if (taskOptions.signal === undefined) watch(signal);
        const handle = store.run(context, () => running.submit(fn, { name: 'kept', key: 'k', ...taskOptions, signal }));
        kept.push(handle);
        return handle;
      };
      for (let i = 0; i < 5; i++) await ENDINGS[how]?.(running, submit);
      await running.onIdle();
      await collectGarbage();
      expect(refs.filter((ref) => ref.deref() !== undefined).length).toBe(0);
      expect(kept.length).toBeGreaterThanOrEqual(5);
    },
  );

  it.each(['queueTask', 'runTask', 'lease', 'map'] as const)(
    'of %s lets go of the submitter’s async store',
    async (how) => {
      const running = await createTaskManager(config);
      manager = running;
      const refs: WeakRef<object>[] = [];
      const use = async (): Promise<void> => {
        if (how === 'lease') await (await running.lease()).release();
        else if (how === 'map') for await (const one of running.map([1, 2], (n) => n)) expect(one).toBeGreaterThan(0);
        else await running[how](() => 1);
      };
      const submit = (): Promise<void> => {
        const context = {};
        refs.push(new WeakRef(context));
        return store.run(context, use);
      };
      for (let i = 0; i < 5; i++) await submit();
      await collectGarbage();
      expect(refs.filter((ref) => ref.deref() !== undefined).length).toBe(0);
    },
  );

  it('that has had its resource replaced: the new one holds nothing of it', async () => {
    const running = await createTaskManager({ ...config, checkHealth: () => false, maxRetries: 0 });
    manager = running;
    const sick = (): WeakRef<object> => {
      const context = {};
      void store.run(context, () => ignore(running.queueTask(fail)));
      return new WeakRef(context);
    };
    const ref = sick();
    await running.onIdle();
    await running.queueTask(() => 1);
    await collectGarbage();
    expect(ref.deref()).toBe(undefined);
  });
});

async function heap(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Bytes that each of many calls of `use` leaves behind, while the manager lives on. */
function bytesLeft(use: () => Promise<unknown>): Promise<number> {
  return leastGrowth(async () => {
    for (let i = 0; i < 10_000; i++) await use();
  });
}

/**
 * How much the heap grows, for each of 10,000 calls that `many` makes: what is left behind is so in every round, and what the runtime keeps
 * for itself is not.
 */
async function leastGrowth(many: () => Promise<void>): Promise<number> {
  await many();
  const growths: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = await heap();
    await many();
    growths.push((await heap()) - before);
  }
  return Math.min(...growths) / 10_000;
}

function startTold(): Promise<TaskManager<object>> {
  return createTaskManager({ ...config, workerCount: 2, maxWorkerCount: 2, stuckAfter: 600_000 });
}

describe('what is known of nested tasks, with stuckAfter', () => {
  it('is forgotten when the nested task ends, however long the outer one runs', async () => {
    const manager = await startTold();
    const left = await manager.queueTask(() =>
      bytesLeft(async () => {
        await manager.queueTask(() => 1);
        await (await manager.lease()).release();
        await manager.runTask(() => 1);
      }),
    );
    expect(left).toBeLessThan(16);
    await manager.stop();
  });

  it('is forgotten when the outer task ends, however long the one lives that it has asked for', async () => {
    const manager = await startTold();
    const end = deferred<void>();
    const lasting = manager.submit(() => end.promise);
    expect(await bytesLeft(() => manager.queueTask(() => void lasting.result))).toBeLessThan(16);
    end.resolve();
    await manager.stop();
  });

  it('does not become a chain when each task submits the next', async () => {
    const manager = await startTold();
    const next = (left: number): Promise<void> =>
      new Promise((resolve) => {
        const one = (n: number): void => void manager.queueTask(() => (n > 0 ? one(n - 1) : resolve()));
        one(left);
      });
    expect(await leastGrowth(() => next(10_000))).toBeLessThan(16);
    await manager.stop();
  });
});

describe('with destroy hooks, as of cls-hooked, domain and APM agents', () => {
  it.each([Infinity, 60_000])('each async resource of a task is destroyed, stuckAfter %s', async (stuckAfter) => {
    const alive = new Set<number>();
    let made = 0;
    const hook = createHook({
      init: (id, type) => {
        if (type !== 'TaskerTask') return;
        made++;
        alive.add(id);
      },
      destroy: (id) => void alive.delete(id),
    }).enable();
    try {
      const manager = await createTaskManager({ ...config, maxQueueSize: 100, onFull: 'drop-oldest', stuckAfter });
      const submit: Submit = (task, options) => manager.submit(task, options);
      for (const end of Object.values(ENDINGS)) await end(manager, submit);
      await manager.queueTask((_, { attempt }) => attempt);
      for await (const one of manager.map([1, 2, 3], (n) => n)) expect(one).toBeGreaterThan(0);
      await (await manager.lease()).release();
      await manager.runTask(() => 1);
      manager.pause();
      const many = Array.from({ length: 300 }, () => ignore(manager.queueTask(() => 1)));
      manager.resume();
      await Promise.all(many);
      const killed = [never, never, never].map((task) => ignore(manager.queueTask(task)));
      const direct = ignore(manager.runTask(never));
      await setImmediate();
      await manager.kill();
      await Promise.all([...killed, direct, ignore(manager.queueTask(() => 1))]);
      await collectGarbage();
      expect([alive.size, made > 300]).toEqual([0, true]);
    } finally {
      hook.disable();
    }
  });
});
