import { messageOf } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import type { TaskerError } from '../primitives/errors.ts';
import { Fifo } from '../primitives/fifo.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { Crew } from '../workers/crew.ts';
import type { CrewOwner, CrewPlan } from '../workers/crew.ts';
import { ReadyList } from '../workers/ready-list.ts';
import type { Worker } from '../workers/worker.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Fleet } from './fleet.ts';
import type { FlowParts } from './parts.ts';
import type { Throttle } from './throttle.ts';

/**
 * Who waits for `runTask`: each task runs on a pooled resource if one is free, else on a temporary one made for it, else in turn.
 *
 * ```
 *   runTask ──▶ waiting ──┬─ spare resource? ──▶ run ──▶ back to the pool
 *                         ├─ room for a temporary one? ──▶ make ──▶ run ──▶ destroy
 *                         └─ wait for either
 * ```
 *
 * A temporary resource belongs to the task it is made for; only if that task has gone meanwhile, another gets it.
 */
export class DirectLine<R> implements CrewOwner<R> {
  /** The spare pool. */
  readonly pool: Crew<R>;
  readonly temporaries: Crew<R>;
  /** Pooled resources that are free. */
  readonly #spare = new ReadyList<R>(() => this.schedule());
  /** Temporary ones without a task: the task that each is made for. */
  readonly #meantFor = new Map<Worker<R>, TaskRecord<R>>();
  /** Temporary ones that have come up and have not been given a task yet. */
  #opened: Worker<R>[] = [];
  readonly #waiting = new Fifo<TaskRecord<R>>();
  #isScheduled = false;
  #isServing = false;
  /** Whether the owner knows that nothing waits here; to be cleared when that is not so. */
  isTold = false;
  readonly #clock: Clock;
  readonly #parts: FlowParts<R>;
  readonly #dispatcher: Dispatcher<R>;
  readonly #fleet: Fleet<R>;
  readonly #throttle: Throttle;

  constructor(parts: FlowParts<R>, dispatcher: Dispatcher<R>, fleet: Fleet<R>) {
    const { staff, environment, supply, config } = parts;
    const { sizes, isLazy, maxTemporaryResources } = config;
    const poolSize = (): number => sizes.resourcePoolSize;
    const pool: CrewPlan = { least: poolSize, most: poolSize, nextKind: () => 'pool', isLazy, tasksPerWorker: 1 };
    this.pool = new Crew(pool, staff, environment, supply, this);
    const temporaries: CrewPlan = {
      ...pool,
      isLazy: false, // of them none is wanted for the start
      least: () => 0,
      most: () => maxTemporaryResources,
      nextKind: () => 'temporary',
    };
    // Each is tried once, at once, whatever the breaker says: its caller waits for nothing else.
    this.temporaries = new Crew(temporaries, staff, environment, undefined, this);
    this.#clock = config.clock;
    this.#parts = parts;
    this.#dispatcher = dispatcher;
    this.#fleet = fleet;
    this.#throttle = parts.throttle;
  }

  /** Pooled resources that are free, the longest unused first. */
  get spare(): readonly Worker<R>[] {
    return this.#spare.workers;
  }

  /** Tasks that wait, and for which no temporary resource is being made. */
  get unserved(): Iterable<TaskRecord<R>> {
    return this.#waiting;
  }

  /** Tasks that wait for a resource. */
  *waiting(): IterableIterator<TaskRecord<R>> {
    yield* this.#waiting;
    for (const task of this.#meantFor.values()) if (task.isWaiting) yield task;
  }

  /** Tasks that wait for their time; those for a resource as well, while one before them waits for its time. */
  get throttled(): number {
    if (!this.#throttle.isClaimed) return 0;
    let served = 0;
    for (const task of this.#meantFor.values()) if (task.isWaiting) served++;
    return this.#waiting.size + served;
  }

  /** Why no task ever gets a resource; undefined if one does. */
  get unusable(): string | undefined {
    const { sizes, maxResources } = this.#parts.config;
    if (sizes.resourcePoolSize > 0 || maxResources > sizes.workerCount) return undefined;
    const rule = `must be above workerCount, ${sizes.workerCount}, for runTask when resourcePoolSize is 0`;
    return `maxResources ${rule}, got ${maxResources}`;
  }

  /** Takes in a task; it starts in a microtask at the earliest. */
  submit(task: TaskRecord<R>): void {
    this.#waiting.push(task);
    if (this.#throttle.isActive) this.#throttle.isClaimed = true; // it is first, until it turns out that it waits for a resource
    this.schedule();
  }

  /** Forgets a waiting task that is about to be settled. */
  remove(task: TaskRecord<R>): void {
    if (task.slot >= 0) this.#waiting.remove(task);
    if (this.#throttle.isClaimed) this.schedule(); // maybe for this one, which may have a resource already
    this.#spare.trim(this.#waiting.size);
    if (this.#fleet.crew.claims > 0) this.#claim();
  }

  /** Makes what the pool lacks: of a lazy manager, what those who wait need. */
  refill(): void {
    if (!this.#parts.config.isLazy) this.pool.grow(Infinity);
    this.#claim();
    if (this.#waiting.size > 0) this.schedule();
  }

  /** The sizes have changed: lets go of free resources beyond that of the pool, and makes what it lacks. */
  resized(): void {
    const surplus = Math.max(0, this.pool.live - this.#parts.config.sizes.resourcePoolSize);
    for (const worker of this.#spare.workers.slice(0, surplus)) worker.retire('resized');
    this.refill();
  }

  opened(worker: Worker<R>): void {
    this.schedule();
    if (worker.kind === 'temporary') this.#opened.push(worker);
    else this.#keep(worker);
  }

  withdrawn(worker: Worker<R>): void {
    this.#spare.withdraw(worker);
  }

  left(worker: Worker<R>, cause: unknown): void {
    this.withdrawn(worker);
    const task = this.#meantFor.get(worker);
    this.#meantFor.delete(worker);
    if (task?.isWaiting === true) {
      const error = worker.wasUp ? new Error('the new resource died before its first use') : cause;
      this.#parts.ledger.failed(task, notMade(task, error), this.#clock.now());
    }
    if (worker.wasUp) this.schedule(); // one that was to validate it counts on another now
  }

  /** Where a temporary resource was, another may be made, or under `maxResources` a burst worker. */
  gone({ kind }: Worker<R>): void {
    if (kind !== 'temporary') return;
    if (this.temporaries.isClosing || this.#parts.config.maxResources < Infinity) this.#parts.supply.changed();
    this.schedule();
  }

  rested(worker: Worker<R>, now: number): void {
    if (worker.kind === 'temporary') worker.retire('temporary');
    else this.#keep(worker);
    if (this.#waiting.size > 0 || this.#opened.length > 0 || !this.isTold) this.#serve(now); // in this instant: a validation may be good for no longer
  }

  #keep(worker: Worker<R>): void {
    if (this.pool.isTooLarge) worker.retire('resized');
    else this.#spare.add(worker);
    this.#parts.idle(worker);
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
    if (!this.pool.isClosing) {
      this.#isServing = true;
      const wasClaimed = this.#throttle.isClaimed;
      this.#throttle.isClaimed = false;
      if (this.#opened.length > 0) this.#startTemporary();
      let instant = now;
      while (this.#waiting.size > 0 && this.#serveOne(instant)) if (this.#waiting.size > 0) instant = this.#clock.now();
      this.#isServing = false;
      if (wasClaimed && !this.#throttle.isClaimed) this.#dispatcher.schedule();
      this.#claim();
    }
    const isEmpty = this.#waiting.size === 0 && this.#meantFor.size === 0;
    if (isEmpty && this.isTold) return;
    this.#parts.dispatched();
    this.isTold = isEmpty;
  }

  /** Brings the next task on its way; false if none waits or none can be served now. */
  #serveOne(now: number): boolean {
    this.#dropExpired();
    const waiting = this.#waiting.size;
    if (waiting === 0 || this.#parts.turns.mustWait(now)) return false;
    const throttle = this.#throttle;
    if (throttle.isActive && !this.#mayStart(this.#waiting.first, now)) return false;
    const worker = this.#spare.pick(waiting, now);
    if (worker === undefined) {
      if (this.#unserved <= 0 || (throttle.isActive && this.#meantFor.size >= this.#startable(now))) return false;
      if (this.#parts.config.isLazy && this.pool.startOne() !== undefined) return true;
      if (this.temporaries.room <= 0) return false;
    }
    const instant = throttle.isActive ? this.#clock.now() : now;
    if (throttle.isActive && !this.#mayStart(this.#waiting.first, instant)) return false; // after `validate`
    const task = this.#waiting.shift(); // none if a hook has ended it
    if (task === undefined) return false;
    if (worker === undefined) this.temporaries.startOne((temporary) => this.#meantFor.set(temporary, task));
    else this.#run(worker, task, instant);
    return true;
  }

  /** Whether the time of a task has come; if not, no task of the queues takes its turn. */
  #mayStart(task: TaskRecord<R> | undefined, now: number): boolean {
    const throttle = this.#throttle;
    if (task === undefined) return true;
    if (throttle.isClaimed) return false; // by one before it
    throttle.isClaimed = true; // before who listens hears of it
    if (throttle.passes(task.cost, now)) throttle.isClaimed = false;
    return !throttle.isClaimed;
  }

  /** For how many tasks the time has come, or will until a resource could be made. */
  #startable(now: number): number {
    return Math.max(1, this.#throttle.countWithin(this.#parts.load.creationTime, now));
  }

  /** How many wait for more than a validation, or a pooled resource that is being made: mostly those need nothing else. */
  get #unserved(): number {
    let coming = 0;
    if (this.#parts.config.isLazy) coming = this.pool.starting;
    else if (this.#parts.staff.life.isStarting) coming = this.#parts.config.sizes.resourcePoolSize - this.pool.live; // the first ones
    return this.#waiting.size - this.#spare.checking - coming;
  }

  /** Says how many resources are wanted that have no room of their own. */
  #claim(): void {
    const { maxResources, isLazy } = this.#parts.config;
    if (maxResources === Infinity) return;
    let claims = isLazy ? 0 : this.pool.crowdedOut;
    if (this.#waiting.size > 0) claims += Math.max(0, Math.min(this.#unserved, this.temporaries.vacancies));
    if (claims === this.#fleet.crew.claims) return;
    this.#dispatcher.calm.disturb();
    this.#fleet.yield(claims);
  }

  /** Gives each temporary resource that has come up its task. */
  #startTemporary(): void {
    const opened = this.#opened;
    this.#opened = [];
    for (const worker of opened) {
      if (!worker.isIdle) continue; // it has died already
      const task = this.#meantFor.get(worker);
      if (task?.isWaiting === true) this.#isExpired(task);
      this.#dropExpired();
      if (!worker.isIdle) continue; // the collector was told, and has ended it
      const isMeant = task?.isWaiting === true;
      if (this.#throttle.isActive && !this.#mayStart(isMeant ? task : this.#waiting.first, this.#clock.now())) {
        this.#opened.push(worker);
        continue;
      }
      const next = isMeant ? task : this.#waiting.shift();
      this.#meantFor.delete(worker);
      if (next === undefined) worker.retire('temporary');
      else this.#run(worker, next, this.#clock.now());
    }
  }

  #run(worker: Worker<R>, task: TaskRecord<R>, now: number): void {
    this.withdrawn(worker);
    this.#dispatcher.start(task, worker.take(), now);
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
    const error = this.#parts.watch.expired(task, task.extras);
    if (error !== undefined) this.#parts.ledger.failed(task, error, this.#clock.now());
    return error !== undefined;
  }
}

export function notMade<R>(task: TaskRecord<R>, cause: unknown): TaskerError {
  return task.error('CREATE_FAILED', `got no resource, since none could be made: ${messageOf(cause)}`, { cause });
}
