// The face of tarn's Pool, and with it that of knex's pool, over a manager. What differs is in docs/guides/migration.md.
import { EventEmitter } from 'node:events';
import { isTaskerError, startTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';

const TIMES = {
  acquireTimeoutMillis: 30_000,
  createTimeoutMillis: 30_000,
  createRetryIntervalMillis: 200,
  destroyTimeoutMillis: 5_000,
  idleTimeoutMillis: 30_000,
  reapIntervalMillis: 1_000,
};

/** As in tarn: a resource for each who waits, up to `max`; validated before each use; failed creations are tried again. */
const FIXED = { targetWait: 0, resourcePoolSize: 0, validateAfter: 0, startTimeout: Infinity };

export interface PoolOptions<R> extends Partial<typeof TIMES> {
  create: (callback: (error: unknown, resource: R) => void) => unknown;
  destroy: (resource: R) => unknown;
  validate?: (resource: R) => unknown;
  min: number;
  max: number;
  propagateCreateError?: boolean;
  log?: (message: string, level: 'warn') => unknown;
}

type Pending = { isResolved: boolean; isRejected: boolean; readonly abort: (reason?: unknown) => void };
export type PendingAcquire<R> = Pending & { readonly promise: Promise<R> };

export class TimeoutError extends Error {}

export class Pool<R> extends EventEmitter {
  readonly #options: PoolOptions<R> & typeof TIMES & { TimeoutError: new (message: string) => Error };
  readonly #waiting = new Set<Pending>();
  /** Made with the first acquire: a pool that nobody uses makes nothing. */
  #manager: TaskManager<R> | undefined = undefined;
  #createError: unknown = undefined;
  #ids = 0;

  /** For knex give the `TimeoutError` of tarn, too: by its class knex knows a timeout. */
  constructor(options: PoolOptions<R>, timeoutErrorOfTarn: new (message: string) => Error = TimeoutError) {
    super();
    const { min, max, create, destroy, validate: _v, log: _l, propagateCreateError: _p, ...times } = options;
    if (!create || !destroy) throw new Error('create and destroy must be given');
    if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max < 1 || min > max)
      throw new Error(`min and max must be integers, 0 <= min <= max >= 1, got ${min} and ${max}`);
    for (const [name, time] of Object.entries(times))
      if (!(name in TIMES && Number.isInteger(time) && time > 0)) throw new Error(`${name}: ${time} is not an option`);
    this.#options = { ...TIMES, ...options, TimeoutError: timeoutErrorOfTarn };
  }

  readonly numUsed = (): number => this.#manager?.stats().leases ?? 0;
  readonly numFree = (): number => (this.#manager?.stats().activeWorkers ?? 0) - this.numUsed();
  readonly numPendingAcquires = (): number => this.#waiting.size;
  readonly numPendingCreates = (): number => this.#manager?.stats().startingWorkers ?? 0;

  acquire(): PendingAcquire<R> {
    const id = ++this.#ids;
    const controller = new AbortController();
    const pending: Pending = { isResolved: false, isRejected: false, abort: (why) => controller.abort(why) };
    const settle = <T>(event: string, value: T): T => {
      this.#waiting.delete(pending);
      pending[event === 'acquireFail' ? 'isRejected' : 'isResolved'] = true;
      this.emit(event, id, value);
      return value;
    };
    this.emit('acquireRequest', id);
    this.#waiting.add(pending);
    const promise = this.#lease(controller.signal, performance.now() + this.#options.acquireTimeoutMillis).then(
      (resource) => settle('acquireSuccess', resource),
      (error: unknown) => Promise.reject(settle('acquireFail', error)),
    );
    return Object.assign(pending, { promise });
  }
  release(resource: R): boolean {
    this.emit('release', resource);
    const lease = this.#manager?.leaseOf(resource);
    void lease?.release();
    return lease !== undefined;
  }
  /** Aborts what waits, and waits for what is in use. */
  async destroy(): Promise<void> {
    const id = ++this.#ids;
    this.emit('poolDestroyRequest', id);
    for (const pending of this.#waiting) pending.abort(new Error('aborted'));
    await this.#manager?.stop();
    this.emit('poolDestroySuccess', id);
    this.removeAllListeners();
  }
  override emit(event: string, ...values: unknown[]): boolean {
    for (const listener of this.listeners(event))
      try {
        listener(...values);
      } catch (error) {
        this.#options.log?.(`event handler "${event}" threw an exception ${String(error)}`, 'warn');
      }
    return this.listenerCount(event) > 0;
  }
  async #lease(signal: AbortSignal, until: number): Promise<R> {
    try {
      return (await this.#start().lease({ signal, queueTimeout: Math.max(0, until - performance.now()) })).resource;
    } catch (error) {
      const cause = this.#createError instanceof Error ? this.#createError.message : 'no resource was free in time';
      if (isTaskerError(error, 'QUEUE_TIMEOUT')) throw new this.#options.TimeoutError(cause);
      if (!isTaskerError(error, 'CREATE_FAILED')) throw error;
      if (this.#options.propagateCreateError === true) throw error.cause;
      return this.#lease(signal, until); // until a later attempt succeeds
    }
  }
  #start(): TaskManager<R> {
    if (this.#manager !== undefined) return this.#manager;
    const { min, max, create, destroy, validate, log, ...options } = this.#options;
    const called = (resolve: (resource: R) => void, reject: (error: unknown) => void): void => {
      const made = create((error, resource) => (error ? reject(error) : resolve(resource)));
      if (made) resolve(made as R);
    };
    const manager = startTaskManager<R>({
      ...FIXED,
      workerCount: min === 0 ? max : min,
      maxWorkerCount: max,
      lazy: min === 0,
      idleTimeout: options.idleTimeoutMillis,
      createTimeout: options.createTimeoutMillis,
      createBackoff: () => options.createRetryIntervalMillis,
      destroyTimeout: options.destroyTimeoutMillis,
      validateTimeout: options.acquireTimeoutMillis,
      ...(validate && { validate: async (resource) => Boolean(await validate(resource)) }),
      onCreate: () => this.#told('create', [], () => new Promise<R>(called)),
      onDestroy: (resource) => this.#told('destroy', [resource], () => destroy(resource)),
    });
    manager.on('createFailed', ({ error }) => {
      this.#createError = error;
      if (options.propagateCreateError === true) [...this.#waiting][0]?.abort(error);
    });
    manager.on('resourceCreated', () => (this.#createError = undefined));
    manager.on('error', ({ source, error }) => log?.(`${source} threw an exception ${String(error)}`, 'warn'));
    return (this.#manager = manager);
  }
  #told<T>(what: string, subject: [R] | [], work: () => T | PromiseLike<T>): Promise<T> {
    const id = ++this.#ids;
    this.emit(`${what}Request`, id, ...subject);
    const done = Promise.resolve().then(work);
    done.then(
      (result) => this.emit(`${what}Success`, id, ...(subject.length === 0 ? [result] : subject)),
      (error: unknown) => this.emit(`${what}Fail`, id, ...subject, error),
    );
    return done;
  }
}
