import type { WorkerKind } from '../primitives/task-info.ts';
import { UNCOUNTED } from '../resources/breaker.ts';
import type { Life, Supply } from '../resources/supply.ts';
import type { Place } from './place.ts';
import { Worker } from './worker.ts';
import type { WorkerEnvironment, WorkerOwner, WorkerUser } from './worker.ts';

/**
 * Workers of one purpose, up to a limit: made as the supply allows, counted, closed, killed. A manager has three: the workers
 * of the queues, the spare pool, and the temporary ones, which have no supply, since each is tried once, at once.
 *
 * Invariant: `workers` holds every worker whose resource is being made, lives or is being destroyed, and never more than
 * `most`, unless that has fallen since. `starting` of them are being made, `live` ones may take tasks.
 */
export class Crew<R> implements WorkerOwner<R> {
  readonly workers: Set<Worker<R>> = new Set();
  starting = 0;
  live = 0;
  /** So many above the least have to leave their room to others. */
  claims = 0;
  readonly #plan: CrewPlan;
  readonly #staff: Staff<R>;
  readonly #environment: WorkerEnvironment<R>;
  readonly #supply: Supply<R> | undefined;
  readonly #owner: CrewOwner<R>;

  constructor(
    plan: CrewPlan,
    staff: Staff<R>,
    environment: WorkerEnvironment<R>,
    supply: Supply<R> | undefined,
    owner: CrewOwner<R>,
  ) {
    this.#plan = plan;
    this.#staff = staff;
    this.#environment = environment;
    this.#supply = supply;
    this.#owner = owner;
    staff.crews.push(this);
  }

  /** Whether no more are made, since the manager is about to end. */
  get isClosing(): boolean {
    return this.#staff.life.isClosing;
  }

  /** All workers, those on their way out included. */
  get size(): number {
    return this.workers.size;
  }

  /** How many there shall be at least; their room is set aside. */
  get least(): number {
    return this.#plan.least();
  }

  /** Workers that live or are being made; those on their way out don't count. */
  get available(): number {
    return this.live + this.starting;
  }

  /** How many more its own limit allows; those on their way out still count. */
  get vacancies(): number {
    return this.isClosing ? 0 : this.#plan.most() - this.size;
  }

  /** How many more may be made now. */
  get room(): number {
    return Math.min(this.vacancies, this.size < this.least ? this.#staff.room : this.#roomBeyond);
  }

  /** How many more may be made, one after another, up to `limit`; below 0 if there are more. */
  roomUpTo(limit: number): number {
    if (this.isClosing) return 0;
    const aside = Math.min(this.least - this.size, this.#staff.room);
    return Math.min(limit - this.size, Math.max(0, aside) + Math.max(0, this.#roomBeyond));
  }

  /** How many more are to be there than there is room for. */
  get crowdedOut(): number {
    return this.isClosing ? 0 : Math.max(0, this.least - this.size - this.#staff.room);
  }

  /** Whether another one may be there, up to `limit`, now or once those on their way out are gone. */
  mayGrow(limit: number = this.#plan.most()): boolean {
    return this.available < Math.min(limit, this.least + this.#staff.mostBeyond);
  }

  get #roomBeyond(): number {
    return this.#staff.roomBeyond - this.claims;
  }

  /** Whether a resize has left more than there may be. What is not up yet replaces nobody. */
  get isTooLarge(): boolean {
    return this.live > this.#plan.most();
  }

  /** Whether all are there that shall be there at least, or, of a lazy manager, all that were wanted. */
  get isComplete(): boolean {
    return this.#plan.isLazy ? this.starting === 0 : this.live >= this.least;
  }

  /** Whether all are there or being made that shall be there at least. */
  get isUnderWay(): boolean {
    return this.available >= this.least;
  }

  /** Whether there is one that could go without being missed. */
  get hasExtra(): boolean {
    return this.#plan.isLazy || this.live + this.starting > this.#plan.least();
  }

  /** Whether the worker could go without being missed. */
  isExtra(worker: Worker<R>): boolean {
    return this.#plan.isLazy || worker.kind === 'burst';
  }

  /** Starts up to `count` workers and returns how many. */
  grow(count: number): number {
    let started = 0;
    while (started < count && this.startOne() !== undefined) started++;
    return started;
  }

  /** Starts one worker; undefined if none may be made now. `made` is told of it before `onCreate` is called. */
  startOne(made?: (worker: Worker<R>) => void): Worker<R> | undefined {
    if (this.room <= 0) return undefined;
    const attempt = this.#supply === undefined ? UNCOUNTED : this.#supply.begin();
    if (attempt === undefined) return undefined;
    const worker = new Worker(
      this.#plan.nextKind(),
      attempt,
      this.#plan.tasksPerWorker,
      this.#environment,
      this,
      this.#owner,
    );
    this.workers.add(worker);
    this.starting++;
    made?.(worker);
    worker.open();
    return worker;
  }

  /** Destroys those there are, each after its last task. */
  close(reason: unknown): void {
    for (const worker of this.workers) worker.resource.close(reason);
  }

  /** Destroys every worker now, whatever it does. */
  kill(reason: unknown): void {
    for (const worker of [...this.workers]) worker.resource.discard(reason);
  }

  opened(worker: Worker<R>, now: number): void {
    this.starting--;
    this.live++;
    if (this.isClosing) {
      worker.retire('shutdown');
      return;
    }
    this.#owner.opened(worker, now);
    this.#supply?.opened(worker, now);
  }

  notOpened(worker: Worker<R>, cause: unknown): void {
    this.starting--;
    this.workers.delete(worker);
    this.#owner.left(worker, cause);
    this.#supply?.notOpened(worker, cause);
    this.#owner.gone?.(worker);
  }

  closing(worker: Worker<R>): void {
    this.live--;
    this.#owner.left(worker, undefined);
    this.#supply?.closing(worker);
  }

  closed(worker: Worker<R>): void {
    this.workers.delete(worker);
    if (!worker.wasUp) {
      this.starting--;
      this.#owner.left(worker, undefined);
      this.#supply?.gaveUp(worker);
    }
    this.#supply?.changed();
    this.#owner.gone?.(worker);
  }
}

/**
 * All workers of a manager, by crew, and the bound over their resources, `maxResources`. Room for those that each crew shall have at
 * least is set aside, whether they are there or not; what is left is for burst workers and temporary resources.
 *
 * ```
 *   ├─ workerCount ─┼─ resourcePoolSize ─┼─ beyond ─┤ maxResources
 * ```
 */
export class Staff<R> {
  readonly crews: Crew<R>[] = [];
  readonly life: Life;
  readonly #max: number;

  constructor(maxResources: number, life: Life) {
    this.#max = maxResources;
    this.life = life;
  }

  /** How many more there may be at all. */
  get room(): number {
    if (this.#max === Infinity) return Infinity;
    return this.crews.reduce((room, { size }) => room - size, this.#max);
  }

  /** How many there may be at most that no room is set aside for. */
  get mostBeyond(): number {
    return this.crews.reduce((room, { least }) => room - least, this.#max);
  }

  /** How many more there may be that no room is set aside for. */
  get roomBeyond(): number {
    if (this.#max === Infinity) return Infinity;
    return this.crews.reduce((room, { size, least }) => room - Math.max(size, least), this.#max);
  }

  /** All workers, those on their way out included. */
  all(): Worker<R>[] {
    return this.crews.flatMap(({ workers }) => [...workers]);
  }

  places(): Place<R>[] {
    return this.all().flatMap(({ places }) => places);
  }
}

/** What workers a crew has, and how many; the numbers may change at any time. */
export interface CrewPlan {
  least(): number;
  most(): number;
  /** The kind of the next one; asked once for each. */
  nextKind(): WorkerKind;
  readonly isLazy: boolean;
  readonly tasksPerWorker: number;
}

/** Who has a crew, and gives it tasks. */
export interface CrewOwner<R> extends WorkerUser<R> {
  /** The worker takes no new task for good, or could not be made for that cause. */
  left(worker: Worker<R>, cause: unknown): void;
  /** The worker counts no more: there is room. */
  gone?(worker: Worker<R>): void;
}
