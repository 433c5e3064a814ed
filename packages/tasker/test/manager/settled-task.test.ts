import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { createTaskManager } from 'tasker';
import type { TaskContext, TaskHandle, TaskManager, TaskOptions } from 'tasker';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK } from '../support/failures.ts';
import { watch } from '../support/harness.ts';

const COUNT = 20;

const collect = globalThis.gc as () => void; // vitest.config.ts exposes it
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Config = Parameters<typeof createTaskManager<object>>[0];

async function start(config: Partial<Config> = {}): Promise<TaskManager<object>> {
  return createTaskManager<object>({
    onCreate: () => ({}),
    onDestroy: () => {},
    workerCount: 2,
    maxWorkerCount: 2,
    resourcePoolSize: 1,
    abandonAfter: 10,
    ...config,
  });
}

const stores = new AsyncLocalStorage<object>();

/** How the tasks of a test end; the options, the work and what happens meanwhile. */
interface Ending {
  readonly config?: Partial<Config>;
  readonly options?: () => TaskOptions;
  readonly work?: (context: TaskContext) => unknown;
  /** Called once the tasks run, or wait because the manager is paused. */
  readonly meanwhile?: (
    manager: TaskManager<object>,
    handles: readonly TaskHandle<unknown>[],
    abort: () => void,
  ) => unknown;
  readonly isPaused?: boolean;
}

/** Made here: an error holds the functions of its stack, and with them all that those hold. */
const OWN = new Error('own');

const never = (context: TaskContext): Promise<never> =>
  new Promise((_, reject) =>
    context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true }),
  );

const ENDINGS: Record<string, Ending> = {
  completed: {},
  'completed with all options': {
    options: () => ({ timeout: 60_000, queueTimeout: 60_000, deadline: 60_000, retry: { backoff: () => 1 }, key: 'k' }),
  },
  failed: { work: () => Promise.reject(OWN) },
  'failed after retries': {
    config: { checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }), maxRetries: 2 },
    work: () => Promise.reject(SICK),
  },
  'cancelled while it waited': {
    isPaused: true,
    meanwhile: (_, handles) => handles.forEach((handle) => handle.cancel()),
  },
  'cancelled while it ran': { work: never, meanwhile: (_, handles) => handles.forEach((handle) => handle.cancel()) },
  'aborted by its signal': { isPaused: true, meanwhile: (_, __, abort) => abort() },
  killed: { work: never, meanwhile: (manager) => manager.kill() },
  refused: { config: { maxQueueSize: 0 }, isPaused: true },
  dropped: {
    config: { maxQueueSize: 1, onFull: 'drop-oldest' },
    isPaused: true,
    meanwhile: (manager) => manager.kill(),
  },
  'refused for wrong options': { options: () => ({ priority: Number.NaN }) },
};

/** A task that holds much, and weak references to all of it. Nothing else may hold any of it, not even a stack frame. */
function bigTask(work: (context: TaskContext) => unknown, kept: TaskContext[], controllers: AbortController[]) {
  const controller = new AbortController();
  controllers.push(controller);
  const store = {};
  const closure = { big: Array.from({ length: 100 }, () => 1) };
  const run = (_: unknown, context: TaskContext): unknown => {
    kept.push(context);
    return closure.big.length > 0 ? work(context) : undefined;
  };
  const refs = [new WeakRef<object>(store), new WeakRef<object>(closure), new WeakRef<object>(controller.signal)];
  return { store, run, signal: controller.signal, refs };
}

/** Not all is garbage at the first look: functions of cancelled tasks end, finished timers go. */
async function collectAll(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    collect();
  }
}

const submit = (
  manager: TaskManager<object>,
  run: Parameters<TaskManager<object>['submit']>[0],
  options: TaskOptions,
) => manager.submit(run, options);

function submitMany(
  manager: TaskManager<object>,
  work: (context: TaskContext) => unknown,
  options: (() => TaskOptions) | undefined,
) {
  const refs: WeakRef<object>[] = [];
  const kept: TaskContext[] = [];
  const handles: TaskHandle<unknown>[] = [];
  const controllers: AbortController[] = [];
  for (let i = 0; i < COUNT; i++) {
    const task = bigTask(work, kept, controllers);
    refs.push(...task.refs);
    const handle = stores.run(task.store, submit, manager, task.run, { signal: task.signal, ...options?.() });
    watch(handle.result);
    handles.push(handle);
  }
  const abort = (): void => {
    for (const controller of controllers.splice(0)) controller.abort(OWN);
  };
  return { refs, kept, handles, abort };
}

async function leaseAndRelease(manager: TaskManager<object>, refs: WeakRef<object>[]): Promise<unknown> {
  const { store, signal, refs: own } = bigTask(() => 1, [], []);
  refs.push(...own);
  const lease = await stores.run(store, () => manager.lease({ signal }));
  await lease.release();
  return lease;
}

describe('a settled task lets go of its function, its context and its signal, whoever keeps its handle or context:', () => {
  it.each(Object.keys(ENDINGS))('%s', async (name) => {
    const { config, options, work = () => 1, meanwhile, isPaused = false } = ENDINGS[name] as Ending; // a key of it
    const manager = await start(config);
    if (isPaused) manager.pause();
    const { refs, kept, handles, abort } = submitMany(manager, work, options);
    await turn();
    await meanwhile?.(manager, handles, abort);
    if (isPaused) manager.resume();
    await Promise.allSettled(handles.map(({ result }) => result));
    abort(); // the test lets go of the controllers, too
    await collectAll();
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBe(0);
    expect(handles.every(({ id, state }) => id !== '' && state !== 'queued' && state !== 'running')).toBe(true);
    expect(kept.every(({ id }) => id !== '')).toBe(true);
    await manager.kill();
  });

  it('a lease that was released, its holder having kept it', async () => {
    const manager = await start();
    const refs: WeakRef<object>[] = [];
    const leases: unknown[] = [];
    for (let i = 0; i < COUNT; i++) {
      leases.push(await leaseAndRelease(manager, refs));
    }
    await collectAll();
    expect([refs.filter((ref) => ref.deref() !== undefined).length, leases.length]).toEqual([0, COUNT]);
    await manager.stop();
  });
});

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

/** Async resources of tasks that were made and not destroyed while `body` ran. */
async function leaked(body: () => Promise<void>): Promise<{ made: number; left: number }> {
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
  await body();
  await turn();
  await turn();
  hook.disable();
  return { made, left: alive.size };
}

describe('hooks of node:async_hooks', () => {
  it('see each task, lease and manager destroyed, however it ends', async () => {
    const { made, left } = await leaked(async () => {
      const manager = await start({ maxQueueSize: 40, checkHealth: (error) => error !== SICK, maxRetries: 1 });
      const controller = new AbortController();
      const { signal } = controller;
      const results: Promise<unknown>[] = [];
      const add = (promise: Promise<unknown>): void => void results.push(promise.catch(() => {}));
      add(manager.queueTask(() => 1));
      add(manager.queueTask(async () => 1, { timeout: 1_000 }));
      add(manager.queueTask(() => Promise.reject(new Error('own'))));
      add(manager.queueTask(() => Promise.reject(SICK)));
      add(manager.runTask(() => 1));
      add(manager.runTask(() => Promise.reject(SICK)));
      add(manager.queueTask(() => new Promise(() => {}), { timeout: 1 }));
      add(manager.queueTask(() => 1, { signal }));
      add(manager.queueTask(() => 1, { priority: Number.NaN }));
      add(manager.queueTask(() => 1, { signal: AbortSignal.abort() }));
      add(manager.submit(() => 1).result);
      add(manager.lease().then((lease) => lease.release()));
      add(drain(manager.map([1, 2, 3], (item) => item)));
      for (let i = 0; i < 60; i++) add(manager.queueTask(() => 1)); // some are refused
      controller.abort();
      await Promise.all(results);
      const held = manager.lease();
      await held;
      add(manager.queueTask(() => new Promise(() => {})));
      for (let i = 0; i < 5; i++) add(manager.queueTask(() => new Promise(() => {})));
      await turn();
      await manager.kill();
      await Promise.all(results);
      add(manager.queueTask(() => 1)); // STOPPED
    });
    expect(made).toBeGreaterThan(70);
    expect(left).toBe(0);
  });

  it('see nothing left of a start that fails or is aborted', async () => {
    const config = { onDestroy: () => {}, workerCount: 1 };
    const { made, left } = await leaked(async () => {
      const starts = [
        createTaskManager({ ...config, onCreate: () => Promise.reject(new Error('outage')) }),
        createTaskManager({ ...config, onCreate: () => 1, signal: AbortSignal.abort() }),
      ];
      expect((await Promise.allSettled(starts)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    });
    expect([made >= 2, left]).toEqual([true, 0]);
  });

  it('do not see a running task destroyed', async () => {
    const manager = await start();
    const end = deferred<void>();
    let running: Promise<unknown> | undefined;
    const { made, left } = await leaked(async () => {
      running = manager.queueTask(() => end.promise);
      await turn();
    });
    expect([made, left]).toEqual([1, 1]);
    end.resolve();
    await running;
    await manager.stop();
  });
});
