import { Deque } from '../primitives/deque.ts';
import type { Clock } from '../primitives/clock.ts';
import { TaskerError } from '../primitives/errors.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { ResolvedConfig } from './config.ts';
import type { TaskGuard } from './guard.ts';
import type { TaskRuns } from './runs.ts';
import type { Supply } from './supply.ts';
import { Worker } from './worker.ts';
import type { Crew, WorkerEnvironment } from './worker.ts';

/** Who hears of the pool. */
export interface SparePoolOwner {
  /** Something that waited has started or left. */
  dispatched(): void;
  /** The last resource is gone after {@link SparePool.close}. */
  poolClosed(): void;
}

/**
 * Runs the tasks of `runTask`: on a pooled resource if one is free, else on a temporary one made for it, else in turn.
 *
 * ```
 *   runTask ──▶ waiting ──┬─ spare resource? ──▶ run ──▶ back to the pool
 *                         ├─ room for a temporary one? ──▶ make ──▶ run ──▶ destroy
 *                         └─ wait for either
 * ```
 *
 * A temporary resource belongs to the task it is made for; only if that task has gone meanwhile, another gets it.
 */
export class SparePool<R> implements Crew<R> {
  /** Resources of the pool: being made, alive or being destroyed; never more than `resourcePoolSize`. */
  readonly pooled: Set<Worker<R>> = new Set();
  /** Temporary ones likewise, with the task each is made for; never more than `maxTemporaryResources`. */
  readonly temporary: Map<Worker<R>, TaskRecord<R> | undefined> = new Map();
  /** Pooled resources that are free, the most recently used last. */
  readonly #spare: Worker<R>[] = [];
  /** Tasks without a resource; cancelled ones stay as tombstones. */
  readonly #waiting = new Deque<TaskRecord<R>>();
  #isScheduled = false;
  #isClosing = false;
  readonly #clock: Clock;
  readonly #config: ResolvedConfig<R>;
  readonly #environment: WorkerEnvironment<R>;
  readonly #guard: TaskGuard<R>;
  readonly #runs: TaskRuns<R>;
  readonly #supply: Supply<R>;
  readonly #owner: SparePoolOwner;

  constructor(
    config: ResolvedConfig<R>,
    environment: WorkerEnvironment<R>,
    guard: TaskGuard<R>,
    runs: TaskRuns<R>,
    supply: Supply<R>,
    owner: SparePoolOwner,
  ) {
    this.#clock = config.clock;
    this.#config = config;
    this.#environment = environment;
    this.#guard = guard;
    this.#runs = runs;
    this.#supply = supply;
    this.#owner = owner;
  }

  /** Pooled resources that are free. */
  get available(): number {
    return this.#spare.length;
  }

  /** All workers of the pool, temporary ones included. */
  get workers(): Worker<R>[] {
    return [...this.pooled, ...this.temporary.keys()];
  }

  /** Tasks that wait for a resource. */
  *waiting(): IterableIterator<TaskRecord<R>> {
    for (const task of this.#waiting) if (task.isWaiting) yield task;
    for (const task of this.temporary.values()) if (task?.isWaiting === true) yield task;
  }

  /** Takes in a task; it starts in a microtask at the earliest. */
  submit(task: TaskRecord<R>): void {
    this.#waiting.push(task);
    this.#runs.accepted(task);
    this.#schedule();
  }

  /** Forgets a waiting task that has just been settled. */
  remove(): void {
    this.#waiting.filter((task) => task.isWaiting);
    this.#owner.dispatched();
  }

  /** Makes what the pool lacks. */
  refill(): void {
    if (this.#isClosing) return;
    let alive = 0;
    for (const worker of this.pooled) if (worker.isLive || worker.isStarting) alive++;
    while (alive < this.#config.resourcePoolSize && this.pooled.size < this.#config.resourcePoolSize) {
      const attempt = this.#supply.begin();
      if (attempt === undefined) return;
      const worker = new Worker('pool', attempt, this.#environment, this);
      this.pooled.add(worker);
      alive++;
      worker.open();
    }
  }

  /** A probe has failed: those who wait and have no resource left are told. */
  probeFailed(cause: unknown): void {
    if (this.workers.some((worker) => worker.isLive || worker.isStarting)) return;
    for (const task of [...this.#waiting]) if (task.isWaiting) this.#createFailed(task, cause);
    this.#waiting.clear();
    this.#owner.dispatched();
  }

  /** Makes no more resources and destroys those there are, each after its task. */
  close(reason: unknown): void {
    this.#isClosing = true;
    for (const worker of this.workers) {
      worker.resource.hurry(reason);
      worker.retire('shutdown');
    }
    this.#reportClosed();
  }

  /** Destroys every resource now, whatever it does. */
  kill(reason: unknown): void {
    this.#isClosing = true;
    for (const worker of this.workers) worker.resource.discard(reason);
  }

  opened(worker: Worker<R>, now: number): void {
    if (this.#isClosing) {
      worker.retire('shutdown');
      return;
    }
    this.#schedule();
    if (worker.kind === 'temporary') return;
    this.#spare.push(worker);
    this.#supply.opened(worker, now);
  }

  notOpened(worker: Worker<R>, cause: unknown): void {
    const task = this.temporary.get(worker);
    this.#remove(worker);
    if (worker.kind === 'pool') this.#supply.notOpened(worker, cause);
    else this.#schedule();
    if (task?.isWaiting === true) this.#createFailed(task, cause);
  }

  closing(worker: Worker<R>): void {
    const index = this.#spare.indexOf(worker);
    if (index >= 0) this.#spare.splice(index, 1);
    if (worker.kind === 'pool') this.#supply.closing(worker);
    const task = this.temporary.get(worker);
    if (task !== undefined) this.temporary.set(worker, undefined);
    if (task?.isWaiting === true) this.#createFailed(task, new Error('the new resource died before its first use'));
  }

  closed(worker: Worker<R>): void {
    this.#remove(worker);
    if (worker.kind === 'pool') this.#supply.closed(worker);
    if (!this.#isClosing) this.#schedule();
  }

  rested(worker: Worker<R>): void {
    if (worker.kind === 'temporary') {
      worker.retire('temporary');
    } else {
      this.#spare.push(worker);
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#serve();
    });
  }

  #serve(): void {
    this.#startTemporary();
    for (;;) {
      const worker = this.#spare.at(-1);
      if (worker === undefined && this.temporary.size >= this.#config.maxTemporaryResources) break;
      const task = this.#next();
      if (task === undefined) break;
      if (worker === undefined) this.#makeTemporary(task);
      else this.#run(worker, task);
    }
    this.#owner.dispatched();
  }

  /** Gives each temporary resource that has come up its task. */
  #startTemporary(): void {
    for (const [worker, task] of [...this.temporary]) {
      if (!worker.isIdle) continue;
      const next = task?.isWaiting === true && !this.#isExpired(task) ? task : this.#next();
      this.temporary.set(worker, undefined);
      if (next === undefined) worker.retire('temporary');
      else this.#run(worker, next);
    }
  }

  #run(worker: Worker<R>, task: TaskRecord<R>): void {
    const index = this.#spare.indexOf(worker);
    if (index >= 0) this.#spare.splice(index, 1);
    worker.place.run(task, this.#clock.now());
  }

  /** A temporary creation is tried once, at once, whatever the breaker says: its caller waits for nothing else. */
  #makeTemporary(task: TaskRecord<R>): void {
    const attempt = { startedAt: this.#clock.now(), isProbe: false, isOver: false };
    const worker = new Worker('temporary', attempt, this.#environment, this);
    this.temporary.set(worker, task);
    worker.open();
  }

  /** The next task that may still start; those that came too late are settled on the way. */
  #next(): TaskRecord<R> | undefined {
    for (;;) {
      const task = this.#waiting.shift();
      if (task === undefined || (task.isWaiting && !this.#isExpired(task))) return task;
    }
  }

  #isExpired(task: TaskRecord<R>): boolean {
    if (task.extras === undefined) return false;
    const now = this.#clock.now();
    const error = this.#guard.expired(task, task.extras, now);
    if (error !== undefined) this.#runs.fail(task, error, now);
    return error !== undefined;
  }

  #createFailed(task: TaskRecord<R>, cause: unknown): void {
    const message = 'no resource could be made for the task';
    const error = new TaskerError('CREATE_FAILED', message, { cause, task: task.info('failed') });
    this.#runs.fail(task, error, this.#clock.now());
  }

  #remove(worker: Worker<R>): void {
    this.pooled.delete(worker);
    this.temporary.delete(worker);
    this.#reportClosed();
  }

  #reportClosed(): void {
    if (this.#isClosing && this.pooled.size + this.temporary.size === 0) this.#owner.poolClosed();
  }
}
