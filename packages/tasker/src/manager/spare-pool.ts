import { messageOf } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import { sharingStack } from '../primitives/errors.ts';
import type { TaskerError } from '../primitives/errors.ts';
import { Fifo } from '../primitives/fifo.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { ResolvedConfig } from './config.ts';
import type { TaskGuard } from './guard.ts';
import type { LoopTurns } from './loop-turns.ts';
import { ReadyList } from './ready-list.ts';
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
  readonly workers: Set<Worker<R>> = new Set();
  /** Temporary ones likewise, with the task each is made for; never more than `maxTemporaryResources`. */
  readonly temporary: Map<Worker<R>, TaskRecord<R> | undefined> = new Map();
  /** Pooled resources that are free. */
  readonly #spare = new ReadyList<R>(() => this.schedule());
  /** Temporary ones that have come up and have not been given a task yet. */
  #opened: Worker<R>[] = [];
  /** Tasks without a resource. */
  readonly #waiting = new Fifo<TaskRecord<R>>();
  #isScheduled = false;
  #isServing = false;
  #isClosing = false;
  readonly #clock: Clock;
  readonly #config: ResolvedConfig<R>;
  readonly #environment: WorkerEnvironment<R>;
  readonly #guard: TaskGuard<R>;
  readonly #runs: TaskRuns<R>;
  readonly #supply: Supply<R>;
  readonly #turns: LoopTurns;
  readonly #owner: SparePoolOwner;

  constructor(
    config: ResolvedConfig<R>,
    environment: WorkerEnvironment<R>,
    guard: TaskGuard<R>,
    runs: TaskRuns<R>,
    supply: Supply<R>,
    turns: LoopTurns,
    owner: SparePoolOwner,
  ) {
    this.#clock = config.clock;
    this.#config = config;
    this.#environment = environment;
    this.#guard = guard;
    this.#runs = runs;
    this.#supply = supply;
    this.#turns = turns;
    this.#owner = owner;
  }

  /** Pooled resources that are free. */
  get available(): number {
    return this.#spare.workers.length;
  }

  /** How many workers the pool has, temporary ones included. */
  get size(): number {
    return this.workers.size + this.temporary.size;
  }

  /** The workers of the pool, temporary ones included. */
  get all(): Worker<R>[] {
    return [...this.workers, ...this.temporary.keys()];
  }

  /** Tasks that wait for a resource. */
  *waiting(): IterableIterator<TaskRecord<R>> {
    yield* this.#waiting;
    for (const task of this.temporary.values()) if (task?.isWaiting === true) yield task;
  }

  /** Takes in a task; it starts in a microtask at the earliest. */
  submit(task: TaskRecord<R>): void {
    this.#waiting.push(task);
    this.#runs.accepted(task);
    this.schedule();
  }

  /** Forgets a waiting task that is about to be settled. */
  remove(task: TaskRecord<R>): void {
    if (task.slot >= 0) this.#waiting.remove(task);
    this.#spare.trim(this.#waiting.size);
  }

  /** How many more pooled resources may be made now. */
  get room(): number {
    return this.#isClosing ? 0 : this.#config.sizes.resourcePoolSize - this.workers.size;
  }

  /** Pooled resources that live or are being made. */
  get #alive(): number {
    let alive = 0;
    for (const worker of this.workers) if (worker.isAvailable) alive++;
    return alive;
  }

  /** Whether a resize has left more resources than the pool is to have. */
  get #isTooLarge(): boolean {
    const { resourcePoolSize } = this.#config.sizes;
    return this.workers.size > resourcePoolSize && this.#alive > resourcePoolSize;
  }

  /** Whether the pool has all its resources, free or in use. */
  get isComplete(): boolean {
    let live = 0;
    for (const worker of this.workers) if (worker.isLive) live++;
    return live >= this.#config.sizes.resourcePoolSize;
  }

  /** Makes what the pool lacks. */
  refill(): void {
    while (this.startOne() !== undefined);
  }

  /** Makes one pooled resource, if there is room. */
  startOne(): Worker<R> | undefined {
    const attempt = this.room > 0 ? this.#supply.begin() : undefined;
    if (attempt === undefined) return undefined;
    const worker = new Worker('pool', attempt, 1, this.#environment, this);
    this.workers.add(worker);
    worker.open();
    return worker;
  }

  /** Lets go of free resources beyond the size of the pool. */
  shrink(): void {
    const surplus = Math.max(0, this.#alive - this.#config.sizes.resourcePoolSize);
    for (const worker of this.#spare.workers.slice(0, surplus)) worker.retire('resized');
  }

  /** A probe has failed: those who wait and have no resource left are told. */
  probeFailed(cause: unknown): void {
    if (this.all.some((worker) => worker.isAvailable)) return;
    const share = sharingStack();
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      const waiting = task;
      this.#runs.fail(
        task,
        share(() => notMade(waiting, cause), task.extras?.stack),
        this.#clock.now(),
      );
    }
    this.#owner.dispatched();
  }

  /** Makes no more resources and destroys those there are, each after its task. */
  close(reason: unknown): void {
    this.#isClosing = true;
    for (const worker of this.all) {
      worker.resource.hurry(reason);
      worker.retire('shutdown');
    }
    this.#reportClosed();
  }

  /** Destroys every resource now, whatever it does. */
  kill(reason: unknown): void {
    this.#isClosing = true;
    for (const worker of this.all) worker.resource.discard(reason);
  }

  opened(worker: Worker<R>, now: number): void {
    if (this.#isClosing) {
      worker.retire('shutdown');
      return;
    }
    this.schedule();
    if (worker.kind === 'temporary') {
      this.#opened.push(worker);
      return;
    }
    this.#keep(worker);
    this.#supply.opened(worker, now);
  }

  notOpened(worker: Worker<R>, cause: unknown): void {
    const task = this.temporary.get(worker);
    this.#remove(worker);
    if (worker.kind === 'pool') this.#supply.notOpened(worker, cause);
    else this.schedule();
    if (task?.isWaiting === true) this.#createFailed(task, cause);
  }

  withdrawn(worker: Worker<R>): void {
    this.#spare.withdraw(worker);
  }

  closing(worker: Worker<R>): void {
    this.withdrawn(worker);
    if (worker.kind === 'pool') this.#supply.closing(worker);
    const task = this.temporary.get(worker);
    if (task !== undefined) this.temporary.set(worker, undefined);
    if (task?.isWaiting === true) this.#createFailed(task, new Error('the new resource died before its first use'));
    this.schedule();
  }

  closed(worker: Worker<R>): void {
    this.#remove(worker);
    if (worker.kind === 'pool') this.#supply.closed(worker);
    if (!this.#isClosing) this.schedule();
  }

  /** A pooled resource is kept first: another one may be waiting for the task. */
  goOn(): boolean {
    return false;
  }

  rested(worker: Worker<R>, now: number): void {
    if (worker.kind === 'temporary') worker.retire('temporary');
    else this.#keep(worker);
    this.#serve(now); // in this instant: a validation may be good for no longer
  }

  #keep(worker: Worker<R>): void {
    if (this.#isTooLarge) worker.retire('resized');
    else this.#spare.add(worker);
  }

  /** Serves those who wait after the current synchronous stretch. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    inMicrotask(this.#scheduled);
  }

  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.#serve(this.#clock.now());
  };

  /** Brings those who wait on their way as far as possible. A task that ends at once frees its resource inside, and the loop goes on. */
  #serve(now: number): void {
    if (this.#isServing) return;
    if (!this.#isClosing) {
      this.#isServing = true;
      if (this.#opened.length > 0) this.#startTemporary();
      for (let instant = now; this.#serveOne(instant); instant = this.#clock.now());
      this.#isServing = false;
    }
    this.#owner.dispatched();
  }

  /** Brings the next task on its way; false if none waits or none can be served now. */
  #serveOne(now: number): boolean {
    this.#dropExpired();
    const waiting = this.#waiting.size;
    if (waiting === 0 || this.#turns.mustWait(now)) return false;
    const worker = this.#spare.pick(waiting, now);
    if (worker === undefined && !this.#mayMakeTemporary) return false;
    const task = this.#waiting.shift(); // none if a hook has ended it
    if (task === undefined) return false;
    if (worker === undefined) this.#makeTemporary(task);
    else this.#run(worker, task);
    return true;
  }

  /** Those who wait for a validation get no temporary resource: mostly they need none. */
  get #mayMakeTemporary(): boolean {
    return this.#waiting.size > this.#spare.checking && this.temporary.size < this.#config.maxTemporaryResources;
  }

  /** Gives each temporary resource that has come up its task. */
  #startTemporary(): void {
    const opened = this.#opened;
    this.#opened = [];
    for (const worker of opened) {
      if (!worker.isIdle) continue; // it has died already
      const task = this.temporary.get(worker);
      if (task?.isWaiting === true) this.#isExpired(task);
      this.#dropExpired();
      if (!worker.isIdle) continue; // the collector was told, and has ended it
      const next = task?.isWaiting === true ? task : this.#waiting.shift();
      this.temporary.set(worker, undefined);
      if (next === undefined) worker.retire('temporary');
      else this.#run(worker, next);
    }
  }

  #run(worker: Worker<R>, task: TaskRecord<R>): void {
    this.withdrawn(worker);
    worker.take().run(task, this.#clock.now());
  }

  /** A temporary creation is tried once, at once, whatever the breaker says: its caller waits for nothing else. */
  #makeTemporary(task: TaskRecord<R>): void {
    const attempt = { number: 0, startedAt: this.#clock.now(), isProbe: false, isOver: false };
    const worker = new Worker('temporary', attempt, 1, this.#environment, this);
    this.temporary.set(worker, task);
    worker.open();
  }

  /** Settles those at the front that have come too late. Tells the collector, which may do anything: look afresh then. */
  #dropExpired(): void {
    for (let task = this.#waiting.first; task !== undefined && this.#isExpired(task); task = this.#waiting.first) {
      if (task.slot >= 0) this.#waiting.remove(task);
    }
  }

  /** Whether it has come too late; then it is settled. */
  #isExpired(task: TaskRecord<R>): boolean {
    if (task.extras === undefined) return false;
    const error = this.#guard.expired(task, task.extras);
    if (error !== undefined) this.#runs.fail(task, error, this.#clock.now());
    return error !== undefined;
  }

  #createFailed(task: TaskRecord<R>, cause: unknown): void {
    this.#runs.fail(task, notMade(task, cause), this.#clock.now());
  }

  #remove(worker: Worker<R>): void {
    this.workers.delete(worker);
    this.temporary.delete(worker);
    this.#reportClosed();
  }

  #reportClosed(): void {
    if (this.#isClosing && this.size === 0) this.#owner.poolClosed();
  }
}

function notMade<R>(task: TaskRecord<R>, cause: unknown): TaskerError {
  return task.error('CREATE_FAILED', `got no resource, since none could be made: ${messageOf(cause)}`, { cause });
}
