import type { MapOutcome } from 'tasker';
import type { AsyncDisposable } from '../basics/async-disposable.ts';
import type { InputOf, ResultOf } from '../tasks/define-tasks.ts';
import type {
  BulkOptions,
  MapOptions,
  QueueOptions,
  ResultOptions,
  SettledMapOptions,
  SubmitOptions,
} from './submit-options.ts';
import type { Schedule } from './schedules.ts';

/** The id of a task; as a type it knows the task's result. A string. */
export type TaskId<T = unknown> = string & { readonly result?: T };

type Name<T> = keyof T & string;
/** Input and options; the input may be left out if the task takes none. */
type Arguments<I, O> = undefined extends I ? [input?: I, options?: O] : [input: I, options?: O];

/** Submits tasks to workers, wherever they are, and gets their results; `await using` closes it. See {@link connect}. */
export interface TaskClient<T> extends AsyncDisposable {
  /**
   * Queues a task; the promise settles with its result or its error, whichever worker runs it. It may run more than once: when its resource
   * was sick, when its worker died or was killed.
   *
   * Rejects with the task's own error, with `signal.reason` when it is cancelled, with a `TaskerError` (`RETRIES_EXHAUSTED`, `TIMEOUT`,
   * `QUEUE_TIMEOUT`, `DEADLINE`, `KILLED`, `STOPPED` when the client is closed, `INVALID_CONFIG`), or with a `DistributedError`.
   */
  queueTask<N extends Name<T>>(name: N, ...args: Arguments<InputOf<T[N]>, QueueOptions>): Promise<ResultOf<T[N]>>;
  /**
   * {@link TaskClient.queueTask} with `retry: false`: it never begins twice. An unhealthy run rejects with the task's own error; a worker that
   * dies with `ONCE_LOST`, and one that is killed with `KILLED`: how far it had come is not known.
   */
  queueTaskOnce<N extends Name<T>>(name: N, ...args: Arguments<InputOf<T[N]>, QueueOptions>): Promise<ResultOf<T[N]>>;
  /** {@link TaskClient.queueTask} with `priority: options.priority ?? 1`. */
  queueTaskWithPriority<N extends Name<T>>(
    name: N,
    ...args: Arguments<InputOf<T[N]>, QueueOptions>
  ): Promise<ResultOf<T[N]>>;
  /** {@link TaskClient.queueTaskWithPriority} with `retry: false`. */
  queueTaskWithPriorityOnce<N extends Name<T>>(
    name: N,
    ...args: Arguments<InputOf<T[N]>, QueueOptions>
  ): Promise<ResultOf<T[N]>>;
  /** Queues a task and resolves with its id when the store has it. Its result is kept for an hour. */
  submit<N extends Name<T>>(name: N, ...args: Arguments<InputOf<T[N]>, SubmitOptions>): Promise<TaskId<ResultOf<T[N]>>>;
  /**
   * Queues a task for each input and resolves with their ids, in order, when the store has all. Rejects with `NOT_ALL_STORED` if the store fails
   * half-way: `error.ids` has the ids of all, in order, `error.stored` those that the store is known to have.
   */
  submitMany<N extends Name<T>>(
    name: N,
    inputs: Iterable<InputOf<T[N]>>,
    options?: BulkOptions,
  ): Promise<TaskId<ResultOf<T[N]>>[]>;
  /**
   * Queues a task for each input and yields the results, in order unless `ordered` is false. At most `concurrency` inputs are pulled and
   * not yet yielded, so the source may be endless. An error surfaces at its turn (unordered: at once), cancels the rest and closes the source, as
   * leaving the loop does. With `settled: true` an item that fails ends nothing: each yields how it ended. As `map` of a manager.
   */
  map<N extends Name<T>>(
    name: N,
    inputs: Iterable<InputOf<T[N]>> | AsyncIterable<InputOf<T[N]>>,
    options: SettledMapOptions,
  ): AsyncIterableIterator<MapOutcome<InputOf<T[N]>, ResultOf<T[N]>>>;
  map<N extends Name<T>>(
    name: N,
    inputs: Iterable<InputOf<T[N]>> | AsyncIterable<InputOf<T[N]>>,
    options?: MapOptions,
  ): AsyncIterableIterator<ResultOf<T[N]>>;
  /**
   * The result of a task that this or another process has submitted. Rejects with `NO_RESULT` if the store has no such task, or keeps its
   * result no longer; with `signal.reason` when that aborts, which ends the waiting and not the task.
   */
  result<R = unknown>(id: TaskId<R>, options?: ResultOptions): Promise<R>;
  /**
   * Cancels a task: one that waits is removed, the signal of one that runs aborts. Whoever waits for it gets `reason`, by default an
   * `AbortError`. Resolves when it neither waits nor runs any more: with false if it had ended before.
   */
  cancel(id: string, reason?: unknown): Promise<boolean>;
  /**
   * Takes back a task that waits; one that runs goes on. Whoever waits for it gets an `AbortError`. Resolves with whether it waited and is no
   * longer there.
   */
  withdraw(id: string): Promise<boolean>;
  /**
   * Has a task queued again and again, by the clock of the workers, whether or not this client lives. A schedule of the same id is
   * replaced. While no worker lives nothing is queued.
   */
  schedule<N extends Name<T>>(id: string, name: N, input: InputOf<T[N]>, schedule: Schedule): Promise<void>;
  /** Ends a schedule; false if there was none. */
  unschedule(id: string): Promise<boolean>;
  /** How many tasks there are, of all submitters and workers. */
  stats(): Promise<QueueStats>;
  /** The workers that are alive. */
  workers(): Promise<readonly WorkerPresence[]>;
  /** Closes the connection. Who waits is rejected with `STOPPED`; the tasks go on. */
  close(): Promise<void>;
}

/** A snapshot of the queue. */
export interface QueueStats {
  /** Tasks that wait for a worker. */
  readonly queued: number;
  /** Tasks that wait for their time: a `delay`, a backoff, a schedule. */
  readonly delayed: number;
  /** Tasks that a worker has taken. */
  readonly running: number;
  /** Results that are kept. */
  readonly completed: number;
  readonly failed: number;
}

/** A worker process. */
export interface WorkerPresence {
  readonly name: string;
}
