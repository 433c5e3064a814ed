import type { ShutdownReport, TaskManager, TaskMetrics, TaskStats, TaskerEvents } from 'tasker';
import type { AsyncDisposable } from '../basics/async-disposable.ts';
import type { InputOf, ResultOf } from '../tasks/define-tasks.ts';

type Arguments<I> = undefined extends I ? [input?: I, options?: RunOptions] : [input: I, options?: RunOptions];

/** Options of `runTask`. */
export interface RunOptions {
  /** Longest run, in ms; then `TIMEOUT`. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((value: unknown) => void) | undefined;
}

/** What a manager of one process and a worker have in common, for code that watches and ends either. */
export interface Manageable extends Pick<TaskManager<never>, 'name' | 'stats' | 'metrics' | 'stop' | 'kill' | 'on'> {
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
}

/** Runs the tasks of a queue on resources of this process; `await using` stops it. See {@link createWorker}. */
export interface TaskWorker<T, R = unknown> extends Manageable, AsyncDisposable {
  /** As `workers()` of a client has it: host, process, and which of that. */
  readonly name: string;
  /**
   * The manager of this process, for whatever shows, measures or traces managers, and to run functions on its resources. Its `name` is that of the
   * queue; to pause, resize, drain, stop or kill it does so to the worker. The `meta` of its tasks has the `id` by which clients know them.
   */
  readonly manager: TaskManager<R>;
  /**
   * Runs a task here and at once, past the queue, on a resource of the pool or one made for it, as `runTask` of the core does. Never retried,
   * and lost with this process.
   */
  runTask<N extends keyof T & string>(name: N, ...args: Arguments<InputOf<T[N]>>): Promise<ResultOf<T[N]>>;
  /** Workers and resources of this process. */
  stats(): WorkerStats;
  /** The performance of this process. */
  metrics(): TaskMetrics;
  /** Takes no more tasks until {@link TaskWorker.resume}: what runs goes on, what had not begun goes back into the queue. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Finishes what runs here, hands back what had not begun, and destroys every resource; what is queued stays in the store, for other
   * workers. With `timeout` (ms) it turns into {@link TaskWorker.kill} when that has passed. This is what SIGTERM should do.
   */
  stop(options?: { timeout?: number }): Promise<ShutdownReport>;
  /**
   * Hands back what runs here, without an attempt used, aborts its signals and destroys every resource. A task that may run once and has begun
   * is lost: it is rejected with `KILLED`.
   */
  kill(reason?: unknown): Promise<ShutdownReport>;
  /** Listens to an event of the core; returns the function that ends that. */
  on<E extends keyof TaskerEvents>(event: E, listener: (payload: TaskerEvents[E]) => void): () => void;
}

/** A snapshot: what the core says of this process, and what this process has of the queue. */
export interface WorkerStats extends TaskStats {
  /** Tasks that were taken from the queue and have not ended. */
  readonly claimedTasks: number;
  /** Names of tasks that were met in the queue and are not in the definition: they wait for a worker that knows them. */
  readonly unknownTasks: readonly string[];
}
