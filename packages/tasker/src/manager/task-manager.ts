import { AbortWatch, reasonOf } from '../primitives/abort.ts';
import { captureScope } from '../primitives/async-scope.ts';
import type { AsyncScope } from '../primitives/async-scope.ts';
import { timeOf } from '../primitives/check.ts';
import { readArgument } from '../primitives/option-rules.ts';
import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import type { AsyncDisposable } from '../primitives/platform.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import type { TaskMetrics } from '../metrics/collector.ts';
import type { Interceptor } from '../tasks/interceptors.ts';
import { NO_SCOPE, SHARED_EXTRAS, TaskExtras, TaskRecord } from '../tasks/task.ts';
import type { Held, Task, TaskContext, TaskFunction, TaskKind, TaskOptions } from '../tasks/task.ts';
import type { TaskerEvents } from '../reports/events.ts';
import type { ShutdownReport } from '../reports/events.ts';
import { checkListener } from '../reports/listeners.ts';
import { RecordHandle } from '../handles/handle.ts';
import type { TaskHandle } from '../handles/handle.ts';
import type { Lease, LeaseOptions } from '../handles/lease.ts';
import { Mapping } from '../handles/map.ts';
import type { MapFunction, MapOptions, MapOutcome, MapOwner, MapPlan, SettledMapOptions } from '../handles/map.ts';
import {
  EVICT_RULES,
  FIND_RULES,
  LEASE_RULES,
  RECYCLE_RULES,
  STOP_RULES,
  TASK_RULES,
  readCost,
  checkInterceptor,
  checkSizeLimit,
  checkText,
  readClearFilter,
  readMap,
  readTask,
  readTaskOptions,
} from './call-options.ts';
import type { ClearFilter } from './call-options.ts';
import { resizedSizes, resolveConfig } from './config.ts';
import type { PlainTaskManagerConfig, ResolvedConfig, SizeOptions, TaskManagerConfig } from './config.ts';
import { Engine } from './engine.ts';
import { findTasks, limitsOf, snapshotOf, statsOf } from './snapshot.ts';
import type { ManagerLimits, ManagerSnapshot, TaskStats } from './snapshot.ts';

/** Runs tasks on workers that each own a resource. See {@link createTaskManager}. */
export interface TaskManager<R> extends AsyncDisposable {
  /** The `name` option; without it a generated name, such as `manager-1`, that is given once in the process. */
  readonly name: string;
  /**
   * Resolves when the first resources are up: those of the base workers and the spare pool (none if the manager is
   * lazy). Rejects with `CREATE_FAILED` if one of them cannot be made, with the reason of `config.signal` if that
   * aborts first, and with `STOPPED` if the manager is stopped first; the resources already made are then destroyed,
   * and waiting tasks are rejected. Its rejection is never unhandled.
   */
  readonly ready: Promise<void>;
  /** The time of the manager's clock, in ms, which also gives `queuedAt`, `startedAt` and `finishedAt`. */
  now(): number;
  /**
   * Queues a task. The promise settles with what the task returns or throws. The task starts in a microtask at the
   * earliest.
   *
   * Rejects with the task's own error, with `signal.reason` when it is cancelled, or with a `TaskerError`: `STOPPED`,
   * `KILLED`, `RETRIES_EXHAUSTED`, `CREATE_FAILED`, `TIMEOUT`, `QUEUE_TIMEOUT`, `DEADLINE`, `QUEUE_FULL`, `DROPPED`, `INVALID_CONFIG`.
   */
  queueTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /**
   * {@link queueTask} with `retry: false`: the task never runs twice. After an unhealthy run it rejects with the task's
   * own error.
   */
  queueTaskOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** {@link queueTask} with `priority: options.priority ?? 1`. */
  queueTaskWithPriority<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** {@link queueTaskWithPriority} with `retry: false`. */
  queueTaskWithPriorityOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /**
   * Runs a task at once, past the queues, even if all workers are busy: on a spare resource if one is free, else on a
   * temporary one. The task waits only for `rate`, for a pause after an overload, or beyond `maxTemporaryResources` or
   * `maxResources`. It is never retried; `priority`, `retry` and `key` are ignored. Rejects like {@link queueTask}.
   */
  runTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** A snapshot of workers, queues and resources. */
  stats(): TaskStats;
  /** A snapshot of performance and reliability. */
  metrics(): TaskMetrics;
  /**
   * Stops accepting tasks, finishes the accepted ones, destroys every resource and resolves with a report. After
   * `timeout` ms (default: never) it becomes a {@link kill}. A second call returns the same promise, even after the
   * shutdown. The process does not end before the shutdown does. Rejects only with `INVALID_CONFIG`.
   */
  stop(options?: { timeout?: number }): Promise<ShutdownReport>;
  /**
   * Rejects all tasks with `KILLED` (`reason` is its `cause`), aborts their signals and destroys every resource,
   * without waiting for task functions. Resolves within `destroyTimeout`. It takes over from a `stop()` in progress;
   * after a shutdown it resolves with the report of that shutdown. The rejections that it causes are never unhandled.
   */
  kill(reason?: unknown): Promise<ShutdownReport>;
  /**
   * {@link queueTask} with a handle to inspect, cancel and reprioritize the task. Never throws: a refused task has a
   * handle, too.
   */
  submit<T>(task: Task<R, T>, options?: TaskOptions): TaskHandle<T>;
  /**
   * Runs `fn` as a task for each item and yields the results, in order unless `ordered` is false. At most `concurrency`
   * items are pulled and not yet yielded, and each waits for room in the queue. An error is thrown at its turn
   * (unordered: at once); it cancels the remaining tasks and closes the source, as leaving the loop does. An abort of
   * `signal` ends the iteration at once, whatever it waits for; if `signal` has already aborted, no item is pulled. A
   * wrong argument rejects the first `next()` with `INVALID_CONFIG`.
   *
   * With `settled: true` an item that fails does not end the iteration: each item yields
   * `{ status: 'fulfilled', value, item, index }` or `{ status: 'rejected', reason, item, index }`. A source that
   * throws, an abort of `signal` and a shutdown still end the iteration.
   */
  map<I, T>(
    items: Iterable<I> | AsyncIterable<I>,
    fn: MapFunction<I, R, T>,
    options: SettledMapOptions,
  ): AsyncIterableIterator<MapOutcome<I, T>>;
  map<I, T>(
    items: Iterable<I> | AsyncIterable<I>,
    fn: MapFunction<I, R, T>,
    options?: MapOptions,
  ): AsyncIterableIterator<T>;
  /**
   * Waits for a resource like a task, and holds it until it is released. A lease takes one place of a worker. While it
   * waits, it rejects like {@link queueTask}.
   */
  lease(options?: LeaseOptions): Promise<Lease<R>>;
  /**
   * The lease that holds a resource (the oldest of several, with `tasksPerWorker` above 1), or undefined. For code that
   * knows only the resource, such as a listener that `onCreate` has added to it.
   */
  leaseOf(resource: R): Lease<R> | undefined;
  /**
   * Cancels a waiting or running task by the `id` that events, errors and contexts carry, like `cancel()` of its
   * handle. A held lease is given up: its signal aborts, and it no longer counts; unless it is given back within
   * `abandonAfter`, its resource is replaced. Returns false if there is no such task or it has already ended. Throws
   * `INVALID_CONFIG` if `id` is not a string.
   */
  cancel(id: string, reason?: unknown): boolean;
  /**
   * Ends waiting tasks, retries, leases and `runTask` calls with `DROPPED`: all, or those that match `filter` by
   * `name`, `key` and `priority`. Running tasks go on. Returns how many it has ended. Throws `INVALID_CONFIG` for a
   * wrong filter.
   */
  clear(filter?: ClearFilter): number;
  /** Resolves when nothing is queued and nothing runs. */
  onIdle(): Promise<void>;
  /**
   * Resolves when fewer than `limit` tasks are queued. If many callers wait, they resolve in turn, and only as many as
   * there is room for, so that each may submit one task. Rejects with `INVALID_CONFIG` unless `limit` is above 0.
   */
  onSizeLessThan(limit: number): Promise<void>;
  /**
   * Starts no queued task until {@link resume}; running tasks and `runTask` go on. Ignored while draining or stopping.
   */
  pause(): void;
  /** Ends a {@link pause}, or accepts tasks again after {@link drain}. */
  resume(): void;
  /**
   * Accepts no tasks or leases until {@link resume}: they reject with `STOPPED`. Paused tasks and retries are finished,
   * too; a `map` in progress waits. Resolves when nothing is queued, running or held; a second call joins the first.
   * Resources are kept, so `recycle()` and `resize()` work; a start in progress goes on. `stop()` and `kill()` take
   * over: the promise then resolves once they have ended all tasks. An earlier `resume()` rejects it with an
   * `AbortError`, which is never unhandled.
   */
  drain(): Promise<void>;
  /**
   * Changes the given sizes. The others stay, except that a `maxWorkerCount` that was never given follows
   * `workerCount`. Surplus workers are retired at once if they are idle, else as workers become idle. Throws
   * `INVALID_CONFIG` or `STOPPED`, in which case nothing changes.
   */
  resize(size: SizeOptions): void;
  /**
   * Replaces every resource, one after another; the new one is made first while the limits leave room. Resolves when
   * all are replaced or the manager shuts down. While `onCreate` fails, the old resources stay in use. `reason` is the
   * `cause` of `resourceDestroyed`. Rejects with `INVALID_CONFIG` or `STOPPED`.
   */
  recycle(options?: { reason?: string }): Promise<void>;
  /**
   * Retires at once what `idleTimeout` would retire later: idle workers above `workerCount`, or all idle resources of a
   * lazy manager. The `keep` most recently used ones stay (default 0). Returns how many it retires. Throws
   * `INVALID_CONFIG` for a wrong option.
   */
  evict(options?: { keep?: number }): number;
  /** A snapshot of every worker, lease and queue, with what each does and for how long. */
  inspect(): ManagerSnapshot;
  /** The limits in force, as set by the configuration and `resize()`. */
  limits(): ManagerLimits;
  /**
   * Finds running and waiting tasks and leases, running ones first: the one with the id `text`, and those with a name
   * that contains `text`, in upper or lower case; with `''` all. Returns at most `limit` (default 100). Searches
   * everything that waits. Throws `INVALID_CONFIG` for a wrong argument.
   */
  find(text: string, options?: { limit?: number }): TaskInfo[];
  /**
   * Calls `interceptor` for each task submitted from now on, by any method. The interceptor may wrap each run, for
   * tracing and the like. It gets a task that a full queue refuses with the state `cancelled`. It does not get leases,
   * which have no function to run. An error that it throws is reported on `error` and changes nothing for the task.
   * Returns the function that removes the interceptor; tasks already intercepted stay as they are. Throws
   * `INVALID_CONFIG` if `interceptor` is not a function.
   *
   * @example
   * ```ts
   * manager.intercept((task, run) => async (resource, context) => {
   *   console.time(task.id);
   *   try {
   *     return await run(resource, context);
   *   } finally {
   *     console.timeEnd(task.id);
   *   }
   * });
   * ```
   */
  intercept(interceptor: Interceptor): () => void;
  /**
   * Adds a listener for an event and returns the function that removes it. Throws `INVALID_CONFIG` for a wrong
   * argument.
   */
  on<E extends keyof TaskerEvents>(event: E, listener: (payload: TaskerEvents[E]) => void): () => void;
}

/** Number of managers that have no name of their own. */
let unnamed = 0;

/** The public face: checks what it is given and has the engine do it. */
class ResourceTaskManager<R> implements TaskManager<R> {
  readonly name: string;
  private readonly config: ResolvedConfig<R>;
  private readonly engine: Engine<R>;
  /** Those who want to know at once that a signal has aborted. */
  private readonly aborts = new AbortWatch<(reason: unknown) => void>((listener, reason) => listener(reason));
  private readonly mapOwner: MapOwner<R> = {
    submit: (task, options) => this.submit(task, options),
    noRoom: () => this.engine.noRoom(),
    onEnd: (listener) => this.engine.onEnd(listener),
    onAbort: (signal, listener) => {
      if (signal.aborted || !this.aborts.watch(signal, listener)) throw reasonOf(signal);
      return () => this.aborts.unwatch(signal, listener);
    },
    isEnding: () => !this.engine.lifecycle.isWorking,
  };
  /** The scope of a task that nobody keeps: undefined for that of its record. */
  private readonly plainScope: AsyncScope | undefined;
  /** Whether a task without options has a limit all the same. */
  private readonly hasDefaults: boolean;
  private tasks = 0;

  constructor(input: TaskManagerConfig<R>) {
    const config = resolveConfig(input);
    const { timeout, queueTimeout, stuckAfter } = config;
    this.config = config;
    this.name = config.name ?? `manager-${++unnamed}`;
    this.plainScope = config.asyncContext ? undefined : NO_SCOPE;
    this.engine = new Engine(config);
    this.hasDefaults = Math.min(timeout, queueTimeout, stuckAfter) < Infinity;
  }

  /** Makes the first resources. To be called once, before anything else. */
  start(): void {
    this.engine.start();
  }

  get ready(): Promise<void> {
    return this.engine.lifecycle.ready;
  }

  now(): number {
    return this.engine.dispatcher.clock.now();
  }

  queueTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.queue('queued', task, options, 0, false);
  }

  queueTaskOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.queue('queued', task, options, 0, true);
  }

  queueTaskWithPriority<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.queue('queued', task, options, 1, false);
  }

  queueTaskWithPriorityOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.queue('queued', task, options, 1, true);
  }

  runTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.queue('direct', task, options, 0, true);
  }

  submit<T>(task: Task<R, T>, options?: TaskOptions): TaskHandle<T> {
    const outcome = this.keptDeferred<T>();
    let record: TaskRecord<R>;
    try {
      record = this.record('queued', task, options, 0, false, outcome, true);
      this.engine.intake.submit(record);
    } catch (error) {
      // One that is refused gets a handle, too: with a record that is settled already.
      record = this.inScope(
        () => new TaskRecord<R>(++this.tasks, refuse, 0, NO_SCOPE, outcome.promise, refuse, refuse),
      );
      record.emitDestroy?.();
      record.settle('failed');
      outcome.reject(error);
    }
    return new RecordHandle(record, outcome.promise, this.engine);
  }

  map<I, T>(
    items: Iterable<I> | AsyncIterable<I>,
    fn: MapFunction<I, R, T>,
    options: SettledMapOptions,
  ): AsyncIterableIterator<MapOutcome<I, T>>;
  map<I, T>(
    items: Iterable<I> | AsyncIterable<I>,
    fn: MapFunction<I, R, T>,
    options?: MapOptions,
  ): AsyncIterableIterator<T>;
  map<I, T>(
    items: Iterable<I> | AsyncIterable<I>,
    fn: MapFunction<I, R, T>,
    options: MapOptions | SettledMapOptions = {},
  ): AsyncIterableIterator<T | MapOutcome<I, T>> {
    const begin = (): MapPlan<I, R, T> => {
      const given = readMap(items, fn, options);
      this.engine.intake.assertAccepting();
      const { sizes, tasksPerWorker } = this.config;
      const {
        concurrency = sizes.maxWorkerCount * tasksPerWorker,
        ordered = true,
        settled = false,
        ...taskOptions
      } = given;
      return { items, fn, options: taskOptions, concurrency, isOrdered: ordered, isSettled: settled };
    };
    return new Mapping(begin, this.mapOwner);
  }

  lease(options: LeaseOptions = {}): Promise<Lease<R>> {
    const outcome = this.keptDeferred<Lease<R>>();
    try {
      const given = readArgument(options, LEASE_RULES);
      const hold = (resource: R, context: TaskContext): Held => {
        const lease = this.engine.leases.hold(record, resource, context);
        outcome.resolve(lease);
        return lease;
      };
      const record = this.record<unknown>('lease', hold, given, 0, true, { ...outcome, resolve: () => {} }, true);
      if (record.extras !== undefined) record.extras.timeout = Infinity;
      this.engine.intake.submit(record);
    } catch (error) {
      outcome.reject(error);
    }
    return outcome.promise;
  }

  cancel(id: string, reason?: unknown): boolean {
    checkText('id', id);
    const sequence = Number(id);
    return String(sequence) === id && this.engine.early.cancelNumber(sequence, reason);
  }

  clear(filter: ClearFilter = {}): number {
    return this.engine.early.clear(readClearFilter(filter));
  }

  leaseOf(resource: R): Lease<R> | undefined {
    return this.engine.leases.of(resource);
  }

  stats(): TaskStats {
    return statsOf(this.engine);
  }

  metrics(): TaskMetrics {
    const { ledger, load, autoscaler } = this.engine;
    return ledger.metrics({ serviceTimeInflation: load.inflation, concurrencyLimit: autoscaler.concurrencyLimit });
  }

  inspect(): ManagerSnapshot {
    return snapshotOf(this.engine);
  }

  limits(): ManagerLimits {
    return limitsOf(this.engine);
  }

  find(text: string, options: { limit?: number } = {}): TaskInfo[] {
    checkText('text', text);
    const { limit = 100 } = readArgument(options, FIND_RULES);
    return findTasks(this.engine, text, limit);
  }

  onIdle(): Promise<void> {
    const { ledger, waits } = this.engine;
    return ledger.isQuiet ? Promise.resolve() : this.engine.waitedFor('onIdle()', waits.idle());
  }

  onSizeLessThan(limit: number): Promise<void> {
    try {
      checkSizeLimit(limit);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.engine.onSizeLessThan(limit); // without an `await`: who is let through shall submit soon
  }

  pause(): void {
    this.engine.pause();
  }

  resume(): void {
    this.engine.resume();
  }

  drain(): Promise<void> {
    return this.engine.drain();
  }

  resize(size: SizeOptions): void {
    const { sizes } = this.config;
    const resized = resizedSizes(size, sizes, this.config);
    this.engine.lifecycle.assertWorking();
    Object.assign(sizes, resized);
    this.engine.resized();
  }

  async recycle(options: { reason?: string } = {}): Promise<void> {
    const { reason } = readArgument(options, RECYCLE_RULES);
    this.engine.lifecycle.assertWorking();
    await this.engine.recycle(reason);
  }

  evict(options: { keep?: number } = {}): number {
    const { keep = 0 } = readArgument(options, EVICT_RULES);
    return this.engine.autoscaler.evict(keep);
  }

  stop(options: { timeout?: number } = {}): Promise<ShutdownReport> {
    let timeout: number | undefined;
    try {
      ({ timeout } = readArgument(options, STOP_RULES));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.engine.waitedFor('stop()', this.engine.lifecycle.stop(timeout)); // always the same promise
  }

  kill(reason?: unknown): Promise<ShutdownReport> {
    return this.engine.lifecycle.kill(reason);
  }

  intercept(interceptor: Interceptor): () => void {
    checkInterceptor(interceptor);
    return this.engine.intercept(interceptor);
  }

  on<E extends keyof TaskerEvents>(event: E, listener: (payload: TaskerEvents[E]) => void): () => void {
    checkListener(event, listener);
    return this.engine.reporter.events.on(event, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private queue<T>(
    kind: TaskKind,
    task: Task<R, T>,
    options: TaskOptions | undefined,
    priority: number,
    isOnce: boolean,
  ): Promise<T> {
    const outcome = deferred<T>();
    try {
      this.engine.intake.submit(this.record(kind, task, options, priority, isOnce, outcome));
    } catch (error) {
      outcome.reject(error);
    }
    return outcome.promise;
  }

  /** A promise, as a record, holds the async context in which it is made: of one that may be kept for long that is the manager's. */
  private keptDeferred<T>(): Deferred<T> {
    return this.inScope(deferred<T>);
  }

  private inScope<T>(fn: () => T): T {
    const { scope } = this.config;
    return scope === undefined ? fn() : scope.runInAsyncScope(fn, undefined);
  }

  /**
   * The record of a submission. All that is foreign, options, signal and clock, is read here, once, before anything is
   * entered: what it throws rejects this task alone, and what it does to the manager is seen afterwards. `isKept`: whether the record
   * may be held for long, and so must not be what remembers the submitter's context.
   */
  private record<T>(
    kind: TaskKind,
    task: Task<R, T>,
    options: TaskOptions | undefined,
    priority: number,
    isOnce: boolean,
    outcome: Deferred<T>,
    isKept = false,
  ): TaskRecord<R> {
    const fn = typeof task === 'function' ? task : readTask(task);
    const given = options === undefined ? undefined : readUnaborted(options);
    const now = this.engine.intake.now();
    const { promise, resolve, reject } = outcome;
    const record = isKept
      ? this.keptRecord(fn, now, outcome)
      : new TaskRecord<R>(++this.tasks, fn, now, this.plainScope, promise, resolve as Settle, reject);
    if (given !== undefined || isOnce || priority !== 0 || this.hasDefaults) {
      record.extras = this.extras(record, kind, given, priority, isOnce);
    }
    return record;
  }

  private keptRecord<T>(
    task: TaskFunction<R, T>,
    now: number,
    { promise, resolve, reject }: Deferred<T>,
  ): TaskRecord<R> {
    const scope = this.plainScope ?? captureScope();
    const make = (): TaskRecord<R> =>
      new TaskRecord<R>(++this.tasks, task, now, scope, promise, resolve as Settle, reject);
    return this.inScope(make);
  }

  private extras(
    record: TaskRecord<R>,
    kind: TaskKind,
    options: TaskOptions | undefined,
    priority: number,
    isOnce: boolean,
  ): TaskExtras {
    if (options === undefined && !this.hasDefaults) return sharedExtras(kind, priority, isOnce);
    const given = options ?? {};
    const extras = new TaskExtras();
    extras.kind = kind;
    extras.priority = kind === 'direct' ? 0 : (given.priority ?? priority);
    extras.name = given.name;
    extras.meta = given.meta;
    extras.cost = readCost(given.cost ?? 1, this.config.costs);
    extras.signal = given.signal;
    extras.timeout = given.timeout ?? this.config.timeout;
    extras.queueTimeout = given.queueTimeout ?? this.config.queueTimeout;
    const { deadline = Infinity } = given;
    if (typeof deadline === 'number') {
      extras.deadline = deadline;
    } else {
      extras.deadlineAt = timeOf(deadline);
      extras.deadline = Math.max(0, (extras.deadlineAt ?? Infinity) - Date.now());
    }
    extras.retry = isOnce ? false : given.retry;
    if (kind !== 'direct') extras.key = given.key;
    if (this.config.stuckAfter < Infinity) extras.stack = new Error(kind === 'lease' ? 'asked for' : 'submitted').stack;
    extras.ties = this.engine.nesting?.enter(record); // last: what follows must not throw, or let it go
    return extras;
  }
}

/** Of a task without options. */
function sharedExtras(kind: TaskKind, priority: number, isOnce: boolean): TaskExtras {
  if (kind === 'direct') return SHARED_EXTRAS.direct;
  if (priority === 0) return SHARED_EXTRAS.once;
  return isOnce ? SHARED_EXTRAS.highOnce : SHARED_EXTRAS.high;
}

type Settle = (value: unknown) => void;

/** The options of a task whose signal, if it has one, has not aborted; throws its reason otherwise. */
function readUnaborted(options: TaskOptions): TaskOptions {
  const given = readTaskOptions(options, TASK_RULES);
  const { signal } = given;
  if (signal?.aborted === true) throw reasonOf(signal);
  return given;
}

/** What a refused task would run and settle with: it does neither. */
const refuse = (): void => {};

/**
 * Makes a task manager and brings up its base workers and its spare pool in parallel.
 *
 * Rejects with `INVALID_CONFIG` before anything is made, with `CREATE_FAILED` if one of the first resources could not
 * be made (those already made are destroyed), or with the reason of `config.signal` if that aborts first.
 *
 * @example
 * ```ts
 * import { createTaskManager } from 'tasker';
 *
 * await using manager = await createTaskManager({
 *   onCreate: () => connect(url),
 *   onDestroy: (connection) => connection.close(),
 *   workerCount: 4,
 * });
 * const user = await manager.queueTask((connection) => connection.query('select 1'));
 * ```
 *
 * @example
 * Without `onCreate` and `onDestroy` workers own no resource, and the manager is a limit with a queue:
 * ```ts
 * import { createTaskManager } from 'tasker';
 *
 * await using limit = await createTaskManager({ workerCount: 4, scaling: 'off' });
 * const sizes = await Promise.all(['a', 'bc'].map((text) => limit.queueTask(async () => text.length)));
 * ```
 */
export function createTaskManager(config: PlainTaskManagerConfig): Promise<TaskManager<undefined>>;
export function createTaskManager<R>(config: TaskManagerConfig<R>): Promise<TaskManager<R>>;
export async function createTaskManager<R>(
  config: TaskManagerConfig<R> | PlainTaskManagerConfig,
): Promise<TaskManager<R>> {
  const manager = startTaskManager(config as TaskManagerConfig<R>);
  await manager.ready;
  return manager;
}

/**
 * Makes a task manager without waiting for its resources: for constructors, module scopes and containers, which cannot
 * wait. Tasks submitted before then wait for the first resource; `ready` tells how the start ended. If the start fails,
 * waiting tasks are rejected with the same cause, and later ones with `STOPPED`.
 *
 * Throws `INVALID_CONFIG` before anything is made.
 *
 * @example
 * ```ts
 * import { startTaskManager } from 'tasker';
 *
 * const manager = startTaskManager({
 *   onCreate: () => connect(url),
 *   onDestroy: (connection) => connection.close(),
 *   workerCount: 4,
 *   startTimeout: 30_000, // the database may come up later
 * });
 * const user = await manager.queueTask((connection) => connection.query('select 1'));
 * await manager.stop();
 * ```
 */
export function startTaskManager(config: PlainTaskManagerConfig): TaskManager<undefined>;
export function startTaskManager<R>(config: TaskManagerConfig<R>): TaskManager<R>;
export function startTaskManager<R>(config: TaskManagerConfig<R> | PlainTaskManagerConfig): TaskManager<R> {
  const manager = new ResourceTaskManager(config as TaskManagerConfig<R>);
  manager.start();
  return manager;
}
