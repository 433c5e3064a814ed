import type { Supply } from '../resources/supply.ts';
import type { Place } from './place.ts';
import type { ResourceBound, Sizes } from './resource-bound.ts';
import { Worker } from './worker.ts';
import type { Crew, WorkerEnvironment } from './worker.ts';

/**
 * The workers of the queues: starts them, counts them and keeps them below the limit. It does what it is told; how many
 * there shall be is the autoscaler's business.
 *
 * Invariant: `workers` holds every worker whose resource is being made, lives or is being destroyed, and never more
 * than `maxWorkerCount`. `available` of them live or are being made.
 */
export class Fleet<R> implements Crew<R> {
  readonly workers: Set<Worker<R>> = new Set();
  starting = 0;
  live = 0;
  /** Tasks of `runTask` that wait for room under `maxResources`: burst workers make it. */
  #claims = 0;
  #isClosing = false;
  readonly #sizes: Sizes;
  readonly #isLazy: boolean;
  readonly #bound: ResourceBound;
  readonly #tasksPerWorker: number;
  readonly #environment: WorkerEnvironment<R>;
  readonly #supply: Supply<R>;
  readonly #owner: FleetOwner<R>;

  constructor(
    { sizes, isLazy, tasksPerWorker }: FleetOptions,
    bound: ResourceBound,
    environment: WorkerEnvironment<R>,
    supply: Supply<R>,
    owner: FleetOwner<R>,
  ) {
    this.#sizes = sizes;
    this.#isLazy = isLazy;
    this.#bound = bound;
    this.#tasksPerWorker = tasksPerWorker;
    this.#environment = environment;
    this.#supply = supply;
    this.#owner = owner;
  }

  /** Workers that live or are being made; those on their way out don't count. */
  get available(): number {
    return this.live + this.starting;
  }

  /** How many more may be made now; those on their way out still count. */
  get room(): number {
    if (this.#isClosing) return 0;
    const { size } = this.workers;
    const isBase = size < this.#sizes.workerCount;
    return Math.min(
      this.#sizes.maxWorkerCount - size,
      isBase ? this.#bound.room : this.#bound.roomBeyond - this.#claims,
    );
  }

  /** How many more may be made, one after another, up to `limit`; below 0 if there are more. */
  roomUpTo(limit: number): number {
    if (this.#isClosing) return 0;
    const { size } = this.workers;
    const base = Math.min(this.#sizes.workerCount - size, this.#bound.room);
    const beyond = this.#bound.roomBeyond - this.#claims;
    return Math.min(limit - size, Math.max(0, base) + Math.max(0, beyond));
  }

  /** So many tasks of `runTask` wait for room: as many burst workers go, idle ones now, others after their task. */
  yield(claims: number): void {
    this.#claims = claims;
    for (const worker of this.workers) {
      if (!this.#mustYield) return;
      if (worker.isIdle) worker.retire('resized');
    }
  }

  /** Whether a worker has to go for a task of `runTask`. */
  get #mustYield(): boolean {
    if (this.#claims === 0 || this.available <= this.#sizes.workerCount) return false;
    const leaving = this.workers.size - this.available;
    return this.#claims > leaving + Math.max(0, this.#bound.roomBeyond);
  }

  /** Starts up to `count` workers and returns how many. */
  grow(count: number): number {
    let started = 0;
    while (started < count && this.startOne() !== undefined) started++;
    return started;
  }

  /** Starts one worker, if there is room. */
  startOne(): Worker<R> | undefined {
    const attempt = this.room > 0 ? this.#supply.begin() : undefined;
    if (attempt === undefined) return undefined;
    const kind = this.#countBase() < this.#sizes.workerCount ? 'base' : 'burst';
    const worker = new Worker(kind, attempt, this.#tasksPerWorker, this.#environment, this);
    this.workers.add(worker);
    this.starting++;
    worker.open();
    return worker;
  }

  /** The sizes have changed: burst workers that are base ones now are called so. */
  relabel(): void {
    let missing = this.#sizes.workerCount - this.#countBase();
    for (const worker of this.workers) {
      if (missing <= 0) return;
      if (worker.kind === 'base' || !worker.isAvailable) continue;
      worker.kind = 'base';
      missing--;
    }
  }

  /** Whether all base workers are there, or, of a lazy manager, all that were wanted. */
  get isComplete(): boolean {
    return this.#isLazy ? this.starting === 0 : this.live >= this.#sizes.workerCount;
  }

  /** Whether all base workers are there or being made. */
  get isUnderWay(): boolean {
    return this.available >= this.#sizes.workerCount;
  }

  /** Whether it could go without being missed. */
  isExtra(worker: Worker<R>): boolean {
    return this.#isLazy || worker.kind === 'burst';
  }

  /** Makes no more workers and destroys those there are, each after its last task. */
  close(reason: unknown): void {
    this.#isClosing = true;
    for (const worker of this.workers) {
      worker.resource.hurry(reason);
      worker.retire('shutdown');
    }
  }

  /** Destroys every worker now, whatever it does. */
  kill(reason: unknown): void {
    this.#isClosing = true;
    for (const worker of [...this.workers]) worker.resource.discard(reason);
  }

  opened(worker: Worker<R>, now: number): void {
    this.starting--;
    this.live++;
    this.#owner.measured(now - worker.attempt.startedAt);
    if (this.#isClosing) {
      worker.retire('shutdown');
      return;
    }
    if (this.live > this.#sizes.maxWorkerCount) worker.retire('resized');
    else this.#owner.opened(worker);
    this.#supply.opened(worker, now);
  }

  notOpened(worker: Worker<R>, cause: unknown): void {
    this.starting--;
    this.workers.delete(worker);
    this.#supply.notOpened(worker, cause);
  }

  withdrawn(worker: Worker<R>): void {
    this.#owner.withdrawn(worker);
  }

  closing(worker: Worker<R>): void {
    this.live--;
    this.#owner.withdrawn(worker);
    this.#promote(worker);
    this.#supply.closing(worker);
  }

  closed(worker: Worker<R>): void {
    if (!worker.attempt.isOver) this.starting--; // given up while it was being made
    this.workers.delete(worker);
    this.#supply.closed(worker);
  }

  goOn(worker: Worker<R>, place: Place<R>, now: number): boolean {
    return !this.#isTooMany && this.#owner.goOn(worker, place, now);
  }

  rested(worker: Worker<R>, now: number): void {
    const isTooMany = this.#isTooMany;
    if (isTooMany || (worker.isIdle && this.#owner.isSurplus())) worker.retire('resized');
    else this.#owner.rested(worker, now);
  }

  /** Whether one that is up has to go. What is not up yet replaces nobody. */
  get #isTooMany(): boolean {
    return this.live > this.#sizes.maxWorkerCount || this.#mustYield;
  }

  #countBase(): number {
    let count = 0;
    for (const worker of this.workers) if (worker.kind === 'base' && worker.isAvailable) count++;
    return count;
  }

  /** A base worker leaves: a burst worker, if there is one, takes its part. */
  #promote(leaving: Worker<R>): void {
    if (leaving.kind !== 'base') return;
    for (const worker of this.workers) {
      if (worker.kind === 'burst' && worker.isAvailable) {
        worker.kind = 'base';
        return;
      }
    }
  }
}

/** The part of the configuration that concerns the fleet. */
export interface FleetOptions {
  readonly sizes: Sizes;
  readonly isLazy: boolean;
  readonly tasksPerWorker: number;
}

/** Who is told which workers may be given tasks. */
export interface FleetOwner<R> {
  /** The worker is up; it may be given tasks, but not inside this call. */
  opened(worker: Worker<R>): void;
  /** The worker has ended a task in that place: gives it the next, if there is one (true). */
  goOn(worker: Worker<R>, place: Place<R>, now: number): boolean;
  /** The worker has ended a task and may be given the next. */
  rested(worker: Worker<R>, now: number): void;
  /** Whether there are more workers than wanted after a resize. */
  isSurplus(): boolean;
  /** The worker takes no new task. */
  withdrawn(worker: Worker<R>): void;
  /** A creation took so long. */
  measured(creationTime: number): void;
}
