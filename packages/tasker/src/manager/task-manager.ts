import { captureScope } from '../primitives/async-scope.ts';
import type { TaskerError } from '../primitives/errors.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import type { TaskMetrics } from '../metrics/collector.ts';
import { LoadEstimator } from '../scaling/estimator.ts';
import { TaskExtras, TaskRecord } from '../tasks/task.ts';
import type { Task, TaskKind, TaskOptions } from '../tasks/task.ts';
import { Autoscaler } from './autoscaler.ts';
import { checkStopOptions, checkTask, checkTaskOptions, resolveConfig } from './config.ts';
import type { ResolvedConfig, TaskManagerConfig } from './config.ts';
import { Dispatcher } from './dispatcher.ts';
import type { TaskerEvents } from './events.ts';
import { Fleet } from './fleet.ts';
import { TaskGuard } from './guard.ts';
import type { EarlyEnd } from './guard.ts';
import { Ledger } from './ledger.ts';
import { Lifecycle } from './lifecycle.ts';
import type { ShutdownReport, ShutdownTally } from './shutdown-report.ts';
import { Liveness } from './liveness.ts';
import { Reporter } from './reporter.ts';
import { TaskRuns } from './runs.ts';
import { SparePool } from './spare-pool.ts';
import { countWorkers } from './stats.ts';
import type { TaskStats } from './stats.ts';
import { Supply } from './supply.ts';
import type { Worker, WorkerEnvironment } from './worker.ts';

/** Runs tasks on workers that each own a resource. See {@link createTaskManager}. */
export interface TaskManager<R> extends AsyncDisposable {
  /**
   * Queues a task; the promise settles with what it returns or throws. It starts in a microtask at the earliest.
   *
   * Rejects with the task's own error, with `signal.reason` when it is cancelled, or with a `TaskerError`: `STOPPED`,
   * `KILLED`, `RETRIES_EXHAUSTED`, `CREATE_FAILED`, `TIMEOUT`, `QUEUE_TIMEOUT`, `DEADLINE`, `INVALID_CONFIG`.
   */
  queueTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** {@link queueTask} with `retry: false`: never runs twice. An unhealthy run rejects with the task's own error. */
  queueTaskOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** {@link queueTask} with `priority: options.priority ?? 1`. */
  queueTaskWithPriority<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** {@link queueTaskWithPriority} with `retry: false`. */
  queueTaskWithPriorityOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /**
   * Runs a task at once, past the queues, even if all workers are busy: on a pooled resource if one is free, else on
   * a temporary one. Never retried; `priority`, `retry` and `key` are ignored.
   */
  runTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T>;
  /** A snapshot of workers, queues and resources. */
  stats(): TaskStats;
  /** A snapshot of performance and reliability. */
  metrics(): TaskMetrics;
  /**
   * Stops accepting tasks, finishes those accepted, destroys every resource and reports. With `timeout` (ms) it turns
   * into {@link kill} when that has passed. A second call while stopping returns the same promise; after the shutdown
   * it rejects with `STOPPED`.
   */
  stop(options?: { timeout?: number }): Promise<ShutdownReport>;
  /**
   * Rejects all tasks with `KILLED`, aborts their signals and destroys every resource, without waiting for task
   * functions. Resolves within `destroyTimeout`. Takes over from a `stop()` under way.
   */
  kill(reason?: unknown): Promise<ShutdownReport>;
  /** Listens to an event; returns the function that ends it. */
  on<E extends keyof TaskerEvents>(event: E, listener: (payload: TaskerEvents[E]) => void): () => void;
}

/** The public face: checks what it is given, and connects the parts. */
export class ResourceTaskManager<R> implements TaskManager<R> {
  readonly #config: ResolvedConfig<R>;
  readonly #reporter: Reporter;
  readonly #ledger: Ledger<R>;
  readonly #guard: TaskGuard<R>;
  readonly #runs: TaskRuns<R>;
  readonly #load = new LoadEstimator();
  readonly #dispatcher: Dispatcher<R>;
  readonly #supply: Supply<R>;
  readonly #fleet: Fleet<R>;
  readonly #pool: SparePool<R>;
  readonly #autoscaler: Autoscaler<R>;
  readonly #lifecycle: Lifecycle<R>;
  readonly #liveness = new Liveness();
  readonly #hasDefaults: boolean;
  /** Tasks of the queues whose function occupies a worker. */
  #occupied = 0;
  #tasks = 0;
  #workers = 0;

  constructor(input: TaskManagerConfig<R>) {
    const config = resolveConfig(input);
    this.#config = config;
    this.#hasDefaults = config.timeout < Infinity || config.queueTimeout < Infinity;
    const { clock } = config;
    this.#reporter = new Reporter(config.logger, config.scope, config.name);
    this.#ledger = new Ledger(config.collector, input.collector === undefined, this.#reporter);
    this.#guard = new TaskGuard(clock, (task, error, as) => this.#endEarly(task, error, as));
    this.#runs = new TaskRuns(config, this.#ledger, this.#guard, this.#reporter, {
      requeue: (task, delay) => {
        this.#load.arrived(clock.now());
        this.#dispatcher.requeue(task, delay);
      },
      runBegan: (now) => {
        this.#occupied++;
        this.#load.started(now);
      },
      runEnded: (now) => {
        this.#occupied--;
        this.#load.ended(now);
      },
      proven: () => this.#supply.proven(),
    });
    this.#dispatcher = new Dispatcher(clock, this.#guard, this.#runs, {
      backlog: () => this.#autoscaler.consider(),
      dispatched: () => this.#updateLiveness(),
    });
    this.#supply = new Supply(config, this.#reporter, {
      replenish: () => this.#replenish(),
      creationFailed: (cause, isProbe) => this.#creationFailed(cause, isProbe),
    });
    const environment: WorkerEnvironment<R> = {
      hooks: config,
      log: this.#ledger,
      runs: this.#runs,
      nextWorkerId: () => ++this.#workers,
    };
    this.#fleet = new Fleet(config, environment, this.#supply, {
      opened: (worker) => {
        this.#dispatcher.add(worker);
        this.#dispatcher.schedule();
      },
      rested: (worker) => {
        this.#dispatcher.add(worker);
        this.#dispatcher.dispatch();
      },
      withdrawn: (worker) => this.#dispatcher.withdraw(worker),
      measured: (creationTime) => this.#load.created(creationTime),
      fleetClosed: () => this.#lifecycle.progressed(),
    });
    this.#pool = new SparePool(config, environment, this.#guard, this.#runs, this.#supply, {
      dispatched: () => this.#updateLiveness(),
      poolClosed: () => this.#lifecycle.progressed(),
    });
    this.#autoscaler = new Autoscaler(
      config,
      this.#load,
      this.#dispatcher,
      this.#fleet,
      this.#reporter,
      () => this.#occupied,
    );
    this.#lifecycle = new Lifecycle(config, this.#ledger, this.#reporter, {
      open: () => this.#open(),
      isOpen: () => this.#fleet.live === config.workerCount && this.#pool.available === config.resourcePoolSize,
      drain: () => this.#drain(),
      close: (reason) => this.#close(reason),
      kill: (error, tally, reason) => this.#killAll(error, tally, reason),
      isClosed: () => this.#fleet.workers.size === 0 && this.#pool.workers.length === 0,
    });
  }

  /** Makes the first resources. To be called once, before anything else. */
  async start(): Promise<void> {
    const { deprecated } = this.#config;
    if (deprecated.length > 0) {
      this.#reporter.log(
        'warn',
        `${deprecated.join(' and ')} are deprecated and ignored: workers follow the load by themselves`,
      );
    }
    await this.#lifecycle.start();
  }

  queueTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.#submit('queued', task, options, 0, false);
  }

  queueTaskOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.#submit('queued', task, options, 0, true);
  }

  queueTaskWithPriority<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.#submit('queued', task, options, 1, false);
  }

  queueTaskWithPriorityOnce<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.#submit('queued', task, options, 1, true);
  }

  runTask<T>(task: Task<R, T>, options?: TaskOptions): Promise<T> {
    return this.#submit('direct', task, options, 0, true);
  }

  stats(): TaskStats {
    const { queue } = this.#dispatcher;
    const { phase } = this.#lifecycle;
    return {
      ...countWorkers(this.#fleet.workers, this.#config.workerCount),
      queuedTasks: queue.mainSize,
      priorityTasks: queue.prioritySize,
      availableResources: this.#pool.available,
      runningTasks: this.#ledger.running,
      retryingTasks: queue.retrySize,
      temporaryResources: this.#pool.temporary.size,
      leases: 0,
      state: phase === 'stopping' || phase === 'stopped' || phase === 'killed' ? phase : 'running',
    };
  }

  metrics(): TaskMetrics {
    return this.#ledger.metrics();
  }

  async stop(options: { timeout?: number } = {}): Promise<ShutdownReport> {
    checkStopOptions(options);
    return this.#lifecycle.stop(options.timeout);
  }

  kill(reason?: unknown): Promise<ShutdownReport> {
    return this.#lifecycle.kill(reason);
  }

  on<E extends keyof TaskerEvents>(event: E, listener: (payload: TaskerEvents[E]) => void): () => void {
    return this.#reporter.events.on(event, listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifecycle.dispose();
  }

  #submit<T>(
    kind: TaskKind,
    task: Task<R, T>,
    options: TaskOptions | undefined,
    priority: number,
    isOnce: boolean,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      checkTask(task);
      if (options !== undefined) checkTaskOptions(options);
      if (!this.#lifecycle.isAccepting) throw this.#lifecycle.stoppedError();
      if (options?.signal?.aborted === true) throw options.signal.reason;
      const isDirect = kind === 'direct';
      const record = new TaskRecord<R>(
        ++this.#tasks,
        kind,
        task,
        isDirect ? 0 : (options?.priority ?? priority),
        this.#config.clock.now(),
        captureScope(),
        resolve as (value: unknown) => void,
        reject,
      );
      if (options !== undefined || isOnce || this.#hasDefaults)
        record.extras = this.#extras(options ?? {}, isOnce, isDirect);
      if (isDirect) {
        this.#pool.submit(record);
      } else {
        this.#load.arrived(record.queuedAt);
        this.#dispatcher.submit(record);
      }
    });
  }

  #extras(options: TaskOptions, isOnce: boolean, isDirect: boolean): TaskExtras {
    const extras = new TaskExtras();
    extras.name = options.name;
    extras.signal = options.signal;
    extras.timeout = options.timeout ?? this.#config.timeout;
    extras.queueTimeout = options.queueTimeout ?? this.#config.queueTimeout;
    const { deadline = Infinity } = options;
    extras.deadline = typeof deadline === 'number' ? deadline : Math.max(0, deadline.getTime() - Date.now());
    extras.retry = isOnce ? false : options.retry;
    if (!isDirect) extras.key = options.key;
    return extras;
  }

  /** A signal aborted or a clock ran out: the task ends now, wherever it is. */
  #endEarly(task: TaskRecord<R>, error: unknown, as: EarlyEnd): void {
    const { place, state } = task;
    if (state === 'running' && place !== undefined) {
      place.quarantine();
      this.#runs.endEarly(task, error, as);
      place.abort(error);
    } else {
      this.#runs.endEarly(task, error, as);
      this.#forget(task, state === 'retrying');
    }
  }

  /** Takes a task that has just been settled out of where it waited. */
  #forget(task: TaskRecord<R>, wasRetry: boolean): void {
    if (task.kind === 'direct') this.#pool.remove();
    else this.#dispatcher.remove(task, wasRetry);
  }

  #replenish(): void {
    const { phase } = this.#lifecycle;
    if (phase === 'running' || phase === 'stopping') {
      this.#autoscaler.repair();
      this.#pool.refill();
      this.#autoscaler.consider();
    }
    this.#lifecycle.progressed();
  }

  #creationFailed(cause: unknown, isProbe: boolean): void {
    this.#lifecycle.creationFailed(cause);
    if (!isProbe) return;
    if (this.#fleet.available === 0) this.#dispatcher.failAll(cause);
    this.#pool.probeFailed(cause);
  }

  #open(): void {
    this.#fleet.grow(this.#config.workerCount);
    this.#pool.refill();
  }

  #drain(): void {
    for (const worker of this.#allWorkers()) worker.place.awaitFunction();
    this.#dispatcher.schedule();
  }

  #close(reason: unknown): void {
    this.#autoscaler.close();
    this.#supply.close();
    this.#liveness.release();
    this.#fleet.close(reason);
    this.#pool.close(reason);
  }

  #killAll(error: (task: TaskInfo) => TaskerError, tally: ShutdownTally, reason: unknown): void {
    this.#autoscaler.close();
    this.#supply.close();
    for (const task of [...this.#dispatcher.queue, ...this.#pool.waiting()]) {
      if (!task.isWaiting) continue; // settled meanwhile by a listener
      const wasRetry = task.state === 'retrying';
      tally.dropped.push(task.info());
      this.#runs.endEarly(task, error(task.info('cancelled')), 'cancelled');
      this.#forget(task, wasRetry);
    }
    for (const worker of this.#allWorkers()) {
      const { task } = worker.place;
      if (task === undefined) continue;
      const failure = error(task.info('cancelled'));
      if (task.state === 'running') this.#runs.endEarly(task, failure, 'cancelled');
      worker.place.giveUp(failure);
    }
    this.#liveness.release();
    this.#fleet.kill(reason);
    this.#pool.kill(reason);
  }

  #allWorkers(): Worker<R>[] {
    return [...this.#fleet.workers, ...this.#pool.workers];
  }

  /** Work that waits keeps the process alive. */
  #updateLiveness(): void {
    const isWaiting = this.#ledger.open > this.#ledger.running;
    if (isWaiting === this.#liveness.isHeld) return;
    if (isWaiting) this.#liveness.hold();
    else this.#liveness.release();
    this.#supply.isUrgent = isWaiting;
  }
}

/**
 * Makes a task manager and brings up its base workers and the pool of `runTask`, side by side.
 *
 * Rejects with `INVALID_CONFIG` before anything is made, with `CREATE_FAILED` if one of the first resources could not be
 * made (those already made are destroyed), or with the reason of `config.signal` if that is aborted first.
 *
 * @example
 * ```ts
 * await using manager = await createTaskManager({
 *   onCreate: () => connect(url),
 *   onDestroy: (connection) => connection.close(),
 *   workerCount: 4,
 * });
 * const user = await manager.queueTask((connection) => connection.query('select 1'));
 * ```
 */
export async function createTaskManager<R>(config: TaskManagerConfig<R>): Promise<TaskManager<R>> {
  const manager = new ResourceTaskManager(config);
  await manager.start();
  return manager;
}
