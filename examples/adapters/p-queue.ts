// The face of p-queue over a manager whose resources are nothing: all that a task needs is a place.
// What differs is in docs/guides/migration.md.
import { EventEmitter } from 'node:events';
import { isTaskerError, startTaskManager } from 'tasker';
import type { TaskContext, TaskHandle, TaskOptions } from 'tasker';

export type QueueOptions = { concurrency?: number; autoStart?: boolean; timeout?: number } & Record<string, unknown>;
export type AddOptions = TaskOptions & { id?: string };
export type QueuedTask<T> = (context: TaskContext) => T | PromiseLike<T>;

/** The priority of what has a place. */
const FIRST = Number.MAX_VALUE;

/** For `error instanceof TimeoutError`; the error itself is tasker's, with the code `TIMEOUT`. */
export class TimeoutError extends Error {
  static override [Symbol.hasInstance](error: unknown): boolean {
    return isTaskerError(error, 'TIMEOUT');
  }
}

/** `starting` has a place: it begins in a microtask, before all that wait, and even if the queue is paused meanwhile. */
type State = 'waiting' | 'starting' | 'running' | 'over';
type Entry = { readonly id: string; readonly handle: TaskHandle<unknown>; priority: number; state: State };

export default class PQueue extends EventEmitter {
  readonly #manager = startTaskManager({
    workerCount: 1,
    resourcePoolSize: 0,
    targetWait: 0, // a place for each task, up to `concurrency`
  });
  readonly #entries = new Set<Entry>();
  readonly #counts: Record<State, number> = { waiting: 0, starting: 0, running: 0, over: 0 };
  #concurrency = Infinity;
  isPaused = false;
  /** Of tasks that don't say. */
  timeout: number | undefined;

  constructor(options: QueueOptions = {}) {
    super();
    const { interval = 0, intervalCap = Infinity, queueClass, autoStart = true } = options;
    if (interval !== 0 && intervalCap !== Infinity)
      throw new TypeError('intervalCap: this queue has no rate limits, the rate of createTaskManager is one');
    if (queueClass !== undefined) throw new TypeError('queueClass: the queue is that of tasker');
    this.concurrency = { concurrency: Infinity, ...options }.concurrency;
    this.timeout = options.timeout;
    if (!autoStart) this.pause();
  }

  get concurrency(): number {
    return this.#concurrency;
  }
  set concurrency(concurrency: number) {
    this.#manager.resize({ maxWorkerCount: Math.min(concurrency, Number.MAX_SAFE_INTEGER) });
    this.#concurrency = concurrency;
    this.#fill();
  }
  get size(): number {
    return this.#counts.waiting;
  }
  get pending(): number {
    return this.#counts.starting + this.#counts.running;
  }
  sizeBy({ priority }: AddOptions): number {
    return this.#waiting().filter((entry) => entry.priority === priority).length;
  }

  add<T>(task: QueuedTask<T>, { id, priority = 0, timeout = this.timeout, ...options }: AddOptions = {}): Promise<T> {
    const isFree = !this.isPaused && this.size === 0 && this.pending < this.#concurrency;
    const run = async (_: undefined, context: TaskContext): Promise<T> => {
      this.#move(entry, 'running');
      this.emit('active');
      return Promise.resolve(task(context)).finally(() => this.#end(entry));
    };
    const limits = timeout === undefined ? options : { ...options, timeout };
    const handle = this.#manager.submit(run, { retry: false, ...limits, priority: isFree ? FIRST : priority });
    const entry: Entry = { id: id ?? handle.id, priority, state: 'over', handle };
    this.#move(entry, isFree ? 'starting' : 'waiting');
    handle.result.then(
      (result) => this.emit('completed', result),
      (error: unknown) => {
        const hasRun = entry.state === 'running' || handle.state === 'failed';
        this.#end(entry); // unless its function has ended: it was cancelled, or has taken too long
        if (hasRun && this.listenerCount('error') > 0) this.emit('error', error);
      },
    );
    this.emit('add');
    return handle.result;
  }
  addAll<T>(tasks: readonly QueuedTask<T>[], options?: AddOptions): Promise<T[]> {
    return Promise.all(tasks.map((task) => this.add(task, options)));
  }
  setPriority(id: string, priority: number): void {
    const entry = this.#waiting().find((waiting) => waiting.id === id);
    if (entry === undefined) throw new ReferenceError(`no task with the id ${JSON.stringify(id)} is waiting`);
    entry.handle.priority = entry.priority = priority;
  }

  start(): this {
    this.isPaused = false;
    this.#manager.resume();
    this.#fill();
    return this;
  }
  pause(): void {
    this.isPaused = true;
    if (this.#counts.starting === 0) this.#manager.pause(); // else once they have begun
  }
  /** Cancels what waits: its promises reject with an `AbortError`, which is never an unhandled rejection. */
  clear(): void {
    for (const entry of this.#waiting()) {
      this.#end(entry);
      entry.handle.cancel();
    }
  }

  readonly onEmpty = (): Promise<void> => this.#manager.onSizeLessThan(1);
  readonly onSizeLessThan = (limit: number): Promise<void> => this.#manager.onSizeLessThan(limit);
  readonly onIdle = (): Promise<void> => this.#manager.onIdle();
  readonly onError = (): Promise<never> => new Promise((_, reject) => this.once('error', reject));
  readonly onPendingZero = (): Promise<void> =>
    new Promise((resolve) => (this.pending === 0 ? resolve() : this.once('pendingZero', resolve)));

  #waiting(): Entry[] {
    return [...this.#entries].filter(({ state }) => state === 'waiting');
  }
  /** Free places go to those who are next. */
  #fill(): void {
    const next = this.isPaused ? [] : this.#waiting().toSorted((a, b) => b.priority - a.priority);
    for (const entry of next.slice(0, Math.max(0, this.#concurrency - this.pending))) {
      this.#move(entry, 'starting');
      entry.handle.priority = FIRST;
    }
  }
  #move(entry: Entry, state: State): void {
    this.#counts[entry.state]--;
    this.#counts[state]++;
    entry.state = state;
    this.#entries[state === 'over' ? 'delete' : 'add'](entry);
    if (this.isPaused && this.#counts.starting === 0) this.#manager.pause();
  }
  #end(entry: Entry): void {
    if (entry.state === 'over') return;
    this.#move(entry, 'over');
    if (this.pending === 0) this.emit('pendingZero');
    if (this.size === 0) this.emit('empty');
    if (this.size + this.pending === 0) this.emit('idle');
    this.emit('next');
  }
}
