// The face of piscina over a manager of threads. What differs is in docs/guides/migration.md.
import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { startTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type { Thread, ThreadOptions } from 'tasker/threads';
import type * as entry from './piscina.thread.mjs';

export { move } from 'tasker/threads';

export interface PiscinaOptions extends Pick<ThreadOptions, 'env' | 'execArgv' | 'resourceLimits'> {
  filename?: string | null;
  /** Which export to call. */
  name?: string;
  minThreads?: number;
  maxThreads?: number;
  idleTimeout?: number;
  maxQueue?: number | 'auto';
  concurrentTasksPerWorker?: number;
  workerData?: unknown;
  closeTimeout?: number;
}

export interface RunOptions {
  transferList?: readonly object[];
  filename?: string | null;
  name?: string | null;
  signal?: AbortSignal | null;
}

export class Piscina<T = unknown, R = unknown> extends EventEmitter {
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly #options: PiscinaOptions;
  readonly #manager: TaskManager<Thread<typeof entry>>;
  readonly #startedAt = performance.now();
  /** Tasks that have not ended. */
  #open = 0;
  #completed = 0;
  #busyTime = 0;

  constructor(options: PiscinaOptions = {}) {
    super();
    const { env, execArgv = [], resourceLimits = {}, workerData: data, concurrentTasksPerWorker = 1 } = options;
    const { minThreads = Math.min(availableParallelism(), options.maxThreads ?? Infinity), idleTimeout = 0 } = options;
    const { maxThreads = Math.max(minThreads, Math.ceil(availableParallelism() * 1.5)), maxQueue = Infinity } = options;
    this.#options = options;
    this.minThreads = minThreads;
    this.maxThreads = maxThreads;
    this.#manager = startTaskManager({
      ...threads<typeof entry>(new URL('./piscina.thread.mjs', import.meta.url), {
        ...{ data, execArgv, resourceLimits },
        ...(env !== undefined && { env }),
      }),
      workerCount: minThreads === 0 ? maxThreads : minThreads,
      maxWorkerCount: maxThreads,
      lazy: minThreads === 0,
      idleTimeout,
      targetWait: 0, // a thread for each task, up to `maxThreads`
      tasksPerWorker: concurrentTasksPerWorker,
      maxQueueSize: maxQueue === 'auto' ? maxThreads ** 2 : maxQueue,
      resourcePoolSize: 0,
      abandonAfter: 0, // an aborted task ends its thread
    });
  }

  get queueSize(): number {
    return Math.max(0, this.#open - this.maxThreads * (this.#options.concurrentTasksPerWorker ?? 1));
  }
  /** Threads that are up. */
  get threadsUsed(): number {
    return this.#manager.stats().activeWorkers;
  }
  get completed(): number {
    return this.#completed;
  }
  /** Since the pool was made, in ms. */
  get duration(): number {
    return performance.now() - this.#startedAt;
  }
  /** What part of the time of all threads was spent on tasks. */
  get utilization(): number {
    return this.#busyTime / (this.duration * this.maxThreads);
  }

  async run(task: T, options: RunOptions = {}): Promise<R> {
    const { filename = this.#options.filename, name = this.#options.name, transferList: transfer = [] } = options;
    if (!filename) throw new Error('a filename must be given to the constructor or to run()');
    const address = filename.startsWith('file:') ? filename : pathToFileURL(filename).href;
    const { signal } = options;
    this.#open++;
    try {
      const call = async (thread: Thread<typeof entry>, context: { signal: AbortSignal }): Promise<R> => {
        const startedAt = performance.now();
        try {
          return await thread.call('run', [address, name ?? 'default', task], { transfer, signal: context.signal });
        } finally {
          this.#busyTime += performance.now() - startedAt;
        }
      };
      return await this.#manager.queueTaskOnce(call, signal ? { signal } : {});
    } finally {
      this.#completed++;
      const wasWaiting = this.queueSize > 0;
      this.#open--;
      if (wasWaiting && this.queueSize === 0) this.emit('drain');
    }
  }

  /** Finishes what was accepted, or with `force` only what runs; after `closeTimeout` it is as `destroy()`. */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    if (force) this.#manager.clear();
    await this.#manager.stop({ timeout: this.#options.closeTimeout ?? 30_000 });
    this.emit('close');
  }

  /** Ends all threads at once; their tasks reject. */
  async destroy(): Promise<void> {
    await this.#manager.kill(new Error('the pool was destroyed'));
    this.emit('close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
