// The face of generic-pool over a manager. What differs is in docs/guides/migration.md.
import { EventEmitter } from 'node:events';
import { isTaskerError, startTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';

export interface Factory<R> {
  create: () => R | PromiseLike<R>;
  destroy: (resource: R) => unknown;
  validate?: (resource: R) => boolean | PromiseLike<boolean>;
}

export interface PoolOptions {
  max?: number;
  min?: number;
  maxWaitingClients?: number;
  testOnBorrow?: boolean;
  acquireTimeoutMillis?: number;
  destroyTimeoutMillis?: number;
  autostart?: boolean;
  /** 0, the default: nothing idle is ever destroyed. */
  evictionRunIntervalMillis?: number;
  softIdleTimeoutMillis?: number;
  idleTimeoutMillis?: number;
}

export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

const notOurs = (): Promise<never> => Promise.reject(new Error('the resource is not borrowed from this pool'));

export class Pool<R> extends EventEmitter {
  readonly max: number;
  readonly min: number;
  readonly #factory: Factory<R>;
  readonly #options: PoolOptions;
  #manager: TaskManager<R> | undefined = undefined;
  #isDraining = false;

  constructor(factory: Factory<R>, options: PoolOptions = {}) {
    super();
    const { create, destroy, validate } = factory;
    if (!create || !destroy) throw new TypeError('the factory must have create() and destroy()');
    if (options.testOnBorrow && !validate) throw new TypeError('testOnBorrow needs a factory with validate()');
    this.max = Math.max(1, Number.parseInt(String(options.max), 10) || 1);
    this.min = Math.min(this.max, Number.parseInt(String(options.min), 10) || 0);
    this.#factory = factory;
    this.#options = options;
    if (options.autostart !== false) this.start();
  }

  get size(): number {
    const { activeWorkers = 0, startingWorkers = 0 } = this.#manager?.stats() ?? {};
    return activeWorkers + startingWorkers;
  }
  get available(): number {
    return (this.#manager?.stats().activeWorkers ?? 0) - this.borrowed;
  }
  get borrowed(): number {
    return this.#manager?.stats().leases ?? 0;
  }
  get pending(): number {
    const { queuedTasks = 0, priorityTasks = 0 } = this.#manager?.stats() ?? {};
    return queuedTasks + priorityTasks;
  }
  get spareResourceCapacity(): number {
    return this.max - this.size;
  }

  readonly start = (): void => void this.#start();
  readonly ready = (): Promise<void> => this.#start().ready;
  readonly isBorrowedResource = (resource: R): boolean => this.#manager?.leaseOf(resource) !== undefined;

  /** 0 is the most urgent priority, and the default. */
  async acquire(priority = 0): Promise<R> {
    if (this.#isDraining) throw new Error('the pool is draining and lends nothing more');
    const { acquireTimeoutMillis = Infinity } = this.#options;
    try {
      const lease = await this.#start().lease({ priority: -priority, queueTimeout: acquireTimeoutMillis });
      return lease.resource;
    } catch (error) {
      if (isTaskerError(error, 'QUEUE_TIMEOUT')) throw new TimeoutError(error.message);
      throw error;
    }
  }

  readonly release = (resource: R): Promise<void> => this.#manager?.leaseOf(resource)?.release() ?? notOurs();
  readonly destroy = (resource: R): Promise<void> => this.#manager?.leaseOf(resource)?.destroy() ?? notOurs();

  /** Gives the resource back afterwards, to be replaced if `fn` fails. */
  async use<T>(fn: (resource: R) => T | PromiseLike<T>, priority?: number): Promise<T> {
    const resource = await this.acquire(priority);
    let result: T;
    try {
      result = await fn(resource);
    } catch (error) {
      void this.destroy(resource);
      throw error;
    }
    void this.release(resource);
    return result;
  }

  /** Lends nothing more; resolves when all that was asked for is given back. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#manager?.onIdle();
  }

  /** Destroys what is idle; after a `drain()` the pool ends with it. */
  async clear(): Promise<void> {
    if (this.#isDraining) await this.#manager?.stop();
    else this.#manager?.evict();
  }

  #start(): TaskManager<R> {
    if (this.#manager !== undefined) return this.#manager;
    const { min, max } = this;
    const { create, destroy, validate } = this.#factory;
    const { evictionRunIntervalMillis = 0, softIdleTimeoutMillis = -1, idleTimeoutMillis = 30_000 } = this.#options;
    const { maxWaitingClients = Infinity, destroyTimeoutMillis = Infinity, testOnBorrow } = this.#options;
    const idleTimeout =
      softIdleTimeoutMillis < 0 ? idleTimeoutMillis : Math.min(softIdleTimeoutMillis, idleTimeoutMillis);
    this.#manager = startTaskManager<R>({
      onCreate: () => create.call(this.#factory),
      onDestroy: async (resource) => void (await destroy.call(this.#factory, resource)),
      ...(testOnBorrow === true && validate && { validate: validate.bind(this.#factory), validateAfter: 0 }),
      workerCount: min === 0 ? max : min,
      maxWorkerCount: max,
      lazy: min === 0,
      startTimeout: Infinity,
      targetWait: 0, // a resource for each who waits, up to `max`
      resourcePoolSize: 0,
      maxQueueSize: maxWaitingClients,
      destroyTimeout: destroyTimeoutMillis,
      idleTimeout: evictionRunIntervalMillis > 0 ? idleTimeout : Infinity,
      on: {
        createFailed: ({ error }) => this.emit('factoryCreateError', error),
        error: ({ source, error }) => source === 'onDestroy' && this.emit('factoryDestroyError', error),
      },
    });
    return this.#manager;
  }
}

export function createPool<R>(factory: Factory<R>, options?: PoolOptions): Pool<R> {
  return new Pool(factory, options);
}
