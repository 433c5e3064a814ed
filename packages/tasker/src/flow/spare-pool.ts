import { messageOf } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import { sharingStack } from '../primitives/errors.ts';
import type { TaskerError } from '../primitives/errors.ts';
import { Fifo } from '../primitives/fifo.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { Supply } from '../resources/supply.ts';
import type { TaskWatch } from '../tasks/task-watch.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { ReadyList } from '../workers/ready-list.ts';
import type { ResourceBound, Sizes } from '../workers/resource-bound.ts';
import { Worker } from '../workers/worker.ts';
import type { Crew, WorkerEnvironment } from '../workers/worker.ts';
import type { Judge } from './judge.ts';
import type { LoopTurns } from './loop-turns.ts';

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
  /** Whether the first resources are still being made: those who wait count on them. */
  #isOpening: boolean;
  #isClosing = false;
  #claims = 0;
  readonly #clock: Clock;
  readonly #config: SparePoolOptions;
  readonly #bound: ResourceBound;
  readonly #environment: WorkerEnvironment<R>;
  readonly #watch: TaskWatch<R>;
  readonly #judge: Judge<R>;
  readonly #supply: Supply<R>;
  readonly #turns: LoopTurns;
  readonly #owner: SparePoolOwner<R>;

  constructor(
    config: SparePoolOptions,
    bound: ResourceBound,
    environment: WorkerEnvironment<R>,
    watch: TaskWatch<R>,
    judge: Judge<R>,
    supply: Supply<R>,
    turns: LoopTurns,
    owner: SparePoolOwner<R>,
  ) {
    this.#clock = config.clock;
    this.#config = config;
    this.#bound = bound;
    this.#isOpening = !config.isLazy;
    this.#environment = environment;
    this.#watch = watch;
    this.#judge = judge;
    this.#supply = supply;
    this.#turns = turns;
    this.#owner = owner;
  }

  /** Pooled resources that are free, the longest unused first. */
  get spare(): readonly Worker<R>[] {
    return this.#spare.workers;
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

  /** Why no task ever gets a resource; undefined if one does. */
  get unusable(): string | undefined {
    const { sizes, maxResources } = this.#config;
    if (sizes.resourcePoolSize > 0 || maxResources > sizes.workerCount) return undefined;
    const rule = `must be above workerCount, ${sizes.workerCount}, for runTask when resourcePoolSize is 0`;
    return `maxResources ${rule}, got ${maxResources}`;
  }

  /** Takes in a task; it starts in a microtask at the earliest. */
  submit(task: TaskRecord<R>): void {
    this.#waiting.push(task);
    this.#judge.accepted(task);
    this.schedule();
  }

  /** Forgets a waiting task that is about to be settled. */
  remove(task: TaskRecord<R>): void {
    if (task.slot >= 0) this.#waiting.remove(task);
    this.#spare.trim(this.#waiting.size);
    if (this.#claims > 0) this.#claim();
  }

  /** How many more pooled resources may be made now. */
  get room(): number {
    return Math.min(this.#lacking, this.#bound.room);
  }

  get #lacking(): number {
    return this.#isClosing ? 0 : this.#config.sizes.resourcePoolSize - this.workers.size;
  }

  /** Pooled resources that live or are being made. */
  get #alive(): number {
    let alive = 0;
    for (const worker of this.workers) if (worker.isAvailable) alive++;
    return alive;
  }

  /** Whether there may be another resource without one being free, if temporary ones may be so many; those on their way out make room. */
  mayGrow(mostTemporary: number): boolean {
    let temporary = 0;
    for (const worker of this.temporary.keys()) if (worker.isAvailable) temporary++;
    return temporary < mostTemporary || this.#alive < this.#config.sizes.resourcePoolSize;
  }

  /** Whether a resize has left more resources than the pool is to have. */
  get #isTooLarge(): boolean {
    const { resourcePoolSize } = this.#config.sizes;
    return this.workers.size > resourcePoolSize && this.#live > resourcePoolSize;
  }

  get #live(): number {
    let live = 0;
    for (const worker of this.workers) if (worker.isLive) live++;
    return live;
  }

  /** Whether the pool has all its resources, free or in use, or, of a lazy manager, all that were wanted. */
  get isComplete(): boolean {
    const live = this.#live;
    return this.#config.isLazy ? live === this.#alive : live >= this.#config.sizes.resourcePoolSize;
  }

  /** Whether all its resources are there or being made. */
  get isUnderWay(): boolean {
    return this.#alive >= this.#config.sizes.resourcePoolSize;
  }

  /** Whether the worker could go without being missed. */
  isExtra(): boolean {
    return this.#config.isLazy;
  }

  /** The start is over: nobody counts on the first resources any more. */
  started(): void {
    this.#isOpening = false;
    this.schedule();
  }

  /** Makes what the pool lacks: of a lazy manager, what those who wait need. */
  refill(): void {
    const { isLazy, maxResources } = this.#config;
    if (!isLazy) while (this.startOne() !== undefined);
    this.#claim();
    if (this.#waiting.size > 0 && (isLazy || maxResources < Infinity)) this.schedule();
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

  /** The sizes have changed: lets go of free resources beyond that of the pool, and makes what it lacks. */
  resized(): void {
    const surplus = Math.max(0, this.#live - this.#config.sizes.resourcePoolSize);
    for (const worker of this.#spare.workers.slice(0, surplus)) worker.retire('resized');
    this.refill();
    const { unusable } = this;
    if (unusable !== undefined) this.#failAll((task) => task.error('INVALID_CONFIG', `got no resource: ${unusable}`));
  }

  /** A probe has failed: those who wait and have no resource left are told. */
  probeFailed(cause: unknown): void {
    if (this.all.some((worker) => worker.isAvailable)) return;
    this.#failAll((task) => notMade(task, cause));
  }

  /** Settles those who wait and have no temporary resource under way. */
  #failAll(error: (task: TaskRecord<R>) => TaskerError): void {
    const share = sharingStack();
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      const waiting = task;
      this.#judge.fail(
        task,
        share(() => error(waiting), task.extras?.stack),
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
    else this.#leftRoom(worker);
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
    if (!this.#isClosing) this.#leftRoom(worker);
  }

  /** Who waits for a resource, or under `maxResources` a burst worker, may come now. */
  #leftRoom({ kind }: Worker<R>): void {
    if (kind === 'temporary' && this.#config.maxResources < Infinity) this.#supply.roomLeft();
    this.schedule();
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
    this.#owner.rested(worker);
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
      this.#claim();
    }
    this.#owner.dispatched();
  }

  /** Brings the next task on its way; false if none waits or none can be served now. */
  #serveOne(now: number): boolean {
    this.#dropExpired();
    const waiting = this.#waiting.size;
    if (waiting === 0 || this.#turns.mustWait(now)) return false;
    const worker = this.#spare.pick(waiting, now);
    if (worker === undefined) {
      if (this.#unserved <= 0) return false;
      if (this.#config.isLazy && this.startOne() !== undefined) return true;
      if (!this.#mayMakeTemporary) return false;
    }
    const task = this.#waiting.shift(); // none if a hook has ended it
    if (task === undefined) return false;
    if (worker === undefined) this.#makeTemporary(task);
    else this.#run(worker, task);
    return true;
  }

  /** How many wait for more than a validation, or a pooled resource that is being made: mostly those need nothing else. */
  get #unserved(): number {
    let coming = 0;
    if (this.#isOpening) coming = this.#config.sizes.resourcePoolSize - this.#live;
    else if (this.#config.isLazy) coming = this.#alive - this.#live;
    return this.#waiting.size - this.#spare.checking - coming;
  }

  get #mayMakeTemporary(): boolean {
    return this.temporary.size < this.#config.maxTemporaryResources && this.#bound.roomBeyond > 0;
  }

  /** Says how many resources are wanted that have no room of their own. */
  #claim(): void {
    const { maxResources, maxTemporaryResources, isLazy } = this.#config;
    if (maxResources === Infinity) return;
    let claims = isLazy ? 0 : Math.max(0, this.#lacking - this.#bound.room);
    if (this.#waiting.size > 0) {
      claims += Math.max(0, Math.min(this.#unserved, maxTemporaryResources - this.temporary.size));
    }
    if (claims === this.#claims) return;
    this.#claims = claims;
    this.#owner.claimed(claims);
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
    const error = this.#watch.expired(task, task.extras);
    if (error !== undefined) this.#judge.fail(task, error, this.#clock.now());
    return error !== undefined;
  }

  #createFailed(task: TaskRecord<R>, cause: unknown): void {
    this.#judge.fail(task, notMade(task, cause), this.#clock.now());
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

/** The part of the configuration that concerns `runTask`. */
export interface SparePoolOptions {
  readonly clock: Clock;
  readonly sizes: Sizes;
  readonly isLazy: boolean;
  readonly maxTemporaryResources: number;
  readonly maxResources: number;
}

/** Who hears of the pool. */
export interface SparePoolOwner<R> {
  /** Something that waited has started or left. */
  dispatched(): void;
  /** A pooled resource is free. */
  rested(worker: Worker<R>): void;
  /** So many tasks wait for room under `maxResources`. */
  claimed(count: number): void;
  /** The last resource is gone after {@link SparePool.close}. */
  poolClosed(): void;
}
