import { describe } from '../primitives/check.ts';
import { unref } from '../primitives/clock.ts';
import { ignoreRejection } from '../primitives/thenable.ts';
import { ConcurrencyLimit } from '../scaling/concurrency-limit.ts';
import type { LoadEstimator } from '../scaling/estimator.ts';
import { explain } from '../scaling/explain.ts';
import { defaultLaw, patience } from '../scaling/law.ts';
import type { Wanted } from '../scaling/law.ts';
import type { ScaleInput, ScaleReason } from '../scaling/scaler.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { Crew } from '../workers/crew.ts';
import type { Worker } from '../workers/worker.ts';
import type { Scaling } from '../flow/calm.ts';
import type { Dispatcher } from '../flow/dispatcher.ts';
import type { ResolvedConfig } from './config.ts';
import type { ManagerParts } from './parts.ts';

/** The shortest default of `idleTimeout`, ms. */
const MIN_IDLE_TIMEOUT = 1_000;

/**
 * Dispatches within this number of ms see the same load: the law is not asked again unless the queue has grown. A law costs more
 * than a short task, and would be asked for each.
 */
const LOOK_AGAIN_AFTER = 1;

/**
 * Decides how many workers there shall be, and lets the fleet act.
 *
 * - Base workers that have died are replaced at once.
 * - While tasks wait, and at every tick, the law is asked; the number grows at once.
 * - A worker above `workerCount` that has idled for `idleTimeout` is retired then; a busy one never is.
 * - More than pays is neither made nor given tasks: {@link ConcurrencyLimit}, which is asked at every tick while tasks wait.
 * - A lazy manager has a base worker for each task that waits or runs, and any worker or pooled resource that idles goes.
 * - Where tasks share workers, work spreads over all of them and none falls idle. Those that the law has not wanted for
 *   `idleTimeout` rest: they get tasks only when all others are full.
 *
 * The tick, every `burstInterval`, and the timer for idle workers are armed only while there is something to decide: an idle
 * manager holds no timer.
 */
export class Autoscaler<R> implements Scaling {
  /** As of the last {@link backlog}: until when no waiting task need be told of, as long as there are no more than `calmSize`. */
  calmUntil: number = -Infinity;
  calmSize: number = 0;
  #tick: unknown = undefined;
  /** Armed while there are idle workers above `workerCount`. */
  #idleTimer: unknown = undefined;
  /** Until when no dispatch makes it look again, unless more tasks wait or run than {@link #looked}. */
  #lookAt = -Infinity;
  /** How many waited or ran when the law was asked. */
  #looked = 0;
  /** Since when the law has wanted fewer workers than there are; Infinity if it does not. */
  #unwantedSince = Infinity;
  /** How many tasks may run at once, since more would not pay or were refused. The dispatcher has the same limit. */
  readonly #concurrency: ConcurrencyLimit;
  readonly #config: ResolvedConfig<R>;
  readonly #parts: ManagerParts<R>;
  readonly #load: LoadEstimator;
  readonly #dispatcher: Dispatcher<R>;
  /** The workers of the queues. */
  readonly #crew: Crew<R>;

  constructor(parts: ManagerParts<R>) {
    this.#config = parts.config;
    this.#parts = parts;
    this.#load = parts.load;
    this.#dispatcher = parts.dispatcher;
    this.#crew = parts.fleet.crew;
    this.#concurrency = new ConcurrencyLimit(
      this.#config.growthMustPay && this.#config.scaling === 'auto',
      this.#config.burstInterval,
    );
  }

  /** Brings the base workers back to their number, or, of a lazy manager, to what the waiting tasks need of them. */
  repair(): void {
    const { isLazy, sizes } = this.#config;
    const lacking = sizes.workerCount - this.#crew.available;
    const missing = isLazy ? Math.min(lacking, this.#unserved) : lacking;
    if (missing > 0) this.#grow(missing, isLazy ? 'backlog' : 'repair', this.#input());
    this.#arm();
  }

  /** How many workers it takes for the waiting tasks that have no place, nor one that is being made or validated. */
  get #unserved(): number {
    const { isPaused, ready, limit } = this.#dispatcher;
    const { clock, tasksPerWorker } = this.#config;
    if (isPaused) return 0;
    const startable = Math.min(this.#queued(clock.now()), limit - this.#load.running);
    return Math.ceil((startable - ready.freePlaces) / tasksPerWorker) - ready.checking - this.#crew.starting;
  }

  /** Tasks that wait for a worker, or will as soon as one could be there: all but those that wait longer for their time. */
  #queued(now: number): number {
    const { queue } = this.#dispatcher;
    const { throttle } = this.#parts;
    if (!throttle.isActive) return queue.readySize;
    const within = patience(this.#config.targetWait, this.#load.creationTime);
    return Math.min(queue.readySize, throttle.countWithin(within, now, queue.firstStartable(now)?.cost));
  }

  /** Since when the longest waiting task has waited for a worker, and not for its time; only while one does. */
  #oldest(now: number): number {
    const { queue } = this.#dispatcher;
    const { throttle } = this.#parts;
    const oldest = queue.oldest();
    return throttle.isActive ? Math.max(oldest, this.#dispatcher.opensAt(now)) : oldest;
  }

  /** How many workers stay however long they idle. */
  get #kept(): number {
    return this.#config.isLazy ? 0 : this.#config.sizes.workerCount;
  }

  /** A dispatch has left tasks waiting, up to `most` since the last: starts more workers if the law says so. */
  backlog(now: number, most: number): void {
    if (now >= this.#lookAt || most + this.#load.running > this.#looked) {
      this.#lookAt = this.#isCustom ? now : now + LOOK_AGAIN_AFTER;
      this.#looked = most + this.#load.running;
      this.#consider();
    }
    const mayGrow = this.#mayGrow;
    this.calmUntil = mayGrow ? this.#lookAt : Infinity;
    this.calmSize = mayGrow ? this.#looked - this.#load.running : Infinity;
    if (this.#parts.fleet.isTooMany) this.calmUntil = -Infinity;
    this.#arm(); // since the law was asked, the last tick may have found that nothing waits
  }

  /** The time of tasks has come, for which no worker was wanted before: the next dispatch asks the law, however soon. */
  opened(): void {
    this.#lookAt = -Infinity;
  }

  /** A worker has nothing to do: if it need not stay, it goes once that has lasted for `idleTimeout`. */
  idle(worker: Worker<R>): void {
    const mayGo = worker.kind === 'pool' ? this.#config.isLazy : this.#crew.hasExtra;
    if (mayGo && this.#isTimed(worker) && worker.isIdle) this.#armIdle(worker.idleSince, 0);
  }

  /** Lets idle workers and pooled resources go that need not stay, the longest idle first, but for `keep` of them; returns how many. */
  evict(keep: number): number {
    const idle = this.#mayGo().toSorted((a, b) => a.idleSince - b.idleSince);
    const evicted = idle.slice(0, Math.max(0, idle.length - keep));
    for (const worker of evicted) worker.retire('idle');
    return evicted.length;
  }

  #mayGo(): Worker<R>[] {
    const idle = this.#dispatcher.ready.workers.filter((worker) => worker.isIdle);
    if (this.#config.isLazy) return [...idle, ...this.#parts.line.spare.filter((worker) => worker.isIdle)];
    return idle.slice(0, Math.max(0, this.#crew.available - this.#kept));
  }

  /** There are other workers than before, or there is more room: asks the law, and again with the next dispatch. */
  consider(): void {
    this.#lookAt = -Infinity;
    this.#consider();
  }

  /** Starts more workers if tasks wait, the law says so and there is room. */
  #consider(): void {
    if (this.#crew.isClosing) return;
    if (this.#config.isLazy) this.repair();
    const { isPaused, queue, limit } = this.#dispatcher;
    if (!isPaused && queue.readySize > 0) {
      if (limit < Infinity && this.#isNeeded) this.#need();
      if (this.#mayBurst) this.#follow(this.#input());
    }
    this.#arm();
  }

  /** Tasks wait, maybe because of the limit. */
  #need(): void {
    this.#concurrency.need(this.#load.running, this.#config.clock.now());
    this.#restrict();
  }

  /** Whether tasks wait for nothing but a worker. */
  get #isNeeded(): boolean {
    const { isPaused, queue } = this.#dispatcher;
    const { throttle } = this.#parts;
    if (isPaused || queue.readySize === 0) return false;
    return !throttle.isActive || throttle.countWithin(0, this.#config.clock.now()) > 0;
  }

  /** Whether more workers could be made if more tasks wait. */
  get #mayGrow(): boolean {
    if (this.#crew.isClosing) return false;
    const { isLazy, sizes } = this.#config;
    return this.#mayBurst || (isLazy && this.#crew.available < sizes.workerCount);
  }

  /** How many tasks may run at once; Infinity while as many may as there are places. */
  get concurrencyLimit(): number {
    return this.#concurrency.isOutdated(this.#config.clock.now()) ? Infinity : this.#concurrency.limit;
  }

  /** The other side has refused a task, which still runs, since it has too much to do; so many leases are held. */
  refused({ kind }: TaskRecord<R>, startedAt: number, leases: number): void {
    const now = this.#config.clock.now();
    const before = this.#worthwhile(this.#concurrency.settled);
    const { running } = this.#load;
    const held = kind === 'lease' ? 0 : leases;
    this.#concurrency.refused({ now, startedAt, isDirect: kind === 'direct', running, held });
    this.#tellWorth(before);
    this.#arm();
  }

  /** The sizes have changed, which makes a limit meaningless. */
  resized(): void {
    this.#concurrency.forget();
    this.#restrict();
  }

  /** How many workers would have something to do under that limit, base workers apart. */
  #worthwhile(limit: number): number {
    const { sizes, tasksPerWorker } = this.#config;
    return Math.min(this.mostWorkers, Math.max(sizes.workerCount, Math.ceil(limit / tasksPerWorker)));
  }

  /** Whether more tasks would pay, or fewer would do, at a tick. */
  #stepConcurrency(input: ScaleInput): void {
    if (!this.#concurrency.isWatchful) return;
    const before = this.#worthwhile(this.#concurrency.settled);
    const { tasksPerWorker, sizes } = this.#config;
    const { limit, ready } = this.#dispatcher;
    const { running, starting, now } = input;
    const mayStart = running < limit && (ready.freePlaces > 0 || this.#mayBurst);
    this.#concurrency.step({
      ...this.#load.slowdown.durations(),
      now,
      running,
      isNeeded: this.#isNeeded,
      isFull: this.#isNeeded && starting === 0 && !mayStart,
      least: sizes.workerCount * tasksPerWorker,
      most: this.mostWorkers * tasksPerWorker,
    });
    this.#tellWorth(before, input);
  }

  /** The limit may have changed; what it leaves to do is told without its tries, where there were `before` workers. */
  #tellWorth(before: number, input?: ScaleInput): void {
    this.#restrict();
    const after = this.#worthwhile(this.#concurrency.settled);
    if (after !== before) this.#report(before, after, 'unpaid', input ?? this.#input());
  }

  /** Has the dispatcher keep the limit. */
  #restrict(): void {
    const { limit } = this.#concurrency;
    if (limit !== this.#dispatcher.limit) this.#dispatcher.restrict(limit);
  }

  /** How many workers it may come to. */
  get mostWorkers(): number {
    const { scaling, sizes } = this.#config;
    return scaling === 'off' ? sizes.workerCount : sizes.maxWorkerCount;
  }

  /** Tasks that need wait for no other: for a validation at most, or for workers that are being made or may be; none while paused. */
  get places(): number {
    const { isPaused, ready } = this.#dispatcher;
    const { throttle } = this.#parts;
    const { clock, validate, tasksPerWorker } = this.#config;
    const now = clock.now();
    let most = Math.max(0, this.concurrencyLimit - this.#load.running); // where none may wait, it is outdated and nobody has said so
    if (throttle.isActive) most = Math.min(most, throttle.countWithin(0, now));
    if (isPaused || most === 0) return 0;
    // Where nothing is validated, those that are ready are all that have an open place: under a load few.
    const workers = validate === undefined ? ready.workers : this.#crew.workers;
    let open = 0;
    for (const worker of workers) if (worker.isLive) open += worker.openPlaces;
    // Those on their way out have to be gone before others are made.
    return Math.min(
      most,
      open + Math.max(0, this.#crew.starting + this.#crew.roomUpTo(this.mostWorkers)) * tasksPerWorker,
    );
  }

  /** Decides nothing any more. */
  close(): void {
    this.#config.clock.clearTimeout(this.#tick);
    this.#config.clock.clearTimeout(this.#idleTimer);
    this.#tick = undefined;
    this.#idleTimer = undefined;
  }

  get #canScale(): boolean {
    return this.mostWorkers > this.#config.sizes.workerCount;
  }

  get #mayBurst(): boolean {
    return (
      this.#canScale &&
      this.#crew.room > 0 &&
      (this.#isCustom || this.#crew.available < this.#worthwhile(this.#concurrency.limit))
    );
  }

  #arm(): void {
    if (this.#tick !== undefined || this.#crew.isClosing || !this.#mustTick) return;
    this.#tick = this.#config.clock.setTimeout(() => {
      this.#tick = undefined;
      this.#decide();
      this.#arm();
    }, this.#config.burstInterval);
    unref(this.#tick);
  }

  /** Whether time alone can change what the law says. */
  get #mustTick(): boolean {
    const { sizes, tasksPerWorker } = this.#config;
    if (this.#dispatcher.limit < Infinity && this.#isNeeded) return true;
    if (!this.#canScale) return false;
    if (this.#isCustom) return true;
    if (tasksPerWorker > 1 && this.#crew.available > sizes.workerCount) return true;
    const mayChange = this.#crew.room > 0 || (this.#concurrency.isWatchful && this.#isNeeded);
    return mayChange && this.#queued(this.#config.clock.now()) > 0;
  }

  #decide(): void {
    const input = this.#input();
    this.#stepConcurrency(input);
    if (!this.#canScale) return;
    const { workers } = this.#dispatcher.isPaused ? this.#ask(input) : this.#follow(input);
    if (this.#isCustom) this.#shrinkTo(workers, 0, 'custom', input);
    if (this.#config.tasksPerWorker > 1) this.#rest(workers, input.now);
  }

  /** Sets workers aside that are not wanted, the least busy ones. */
  #rest(wanted: number, now: number): void {
    const surplus = this.#crew.available - wanted;
    if (surplus <= 0) this.#unwantedSince = Infinity;
    else if (this.#unwantedSince === Infinity) this.#unwantedSince = now;
    const isTime = this.#isCustom || now - this.#unwantedSince >= this.#idleTimeout;
    const burst = [...this.#crew.workers].filter((worker) => worker.kind === 'burst' && worker.isLive);
    burst.sort((a, b) => Number(b.isResting) - Number(a.isResting) || a.resource.users - b.resource.users);
    for (const [i, worker] of burst.entries()) worker.isResting = isTime && i < surplus;
  }

  /** Whether `idleTimeout` ends it: of the workers a law of the user's has the say. */
  #isTimed(worker: Worker<R>): boolean {
    return worker.kind === 'pool' || !this.#isCustom;
  }

  #armIdle(since: number, least: number): void {
    if (this.#idleTimer !== undefined || this.#crew.isClosing) return;
    const { clock } = this.#config;
    this.#idleTimer = clock.setTimeout(
      () => {
        this.#idleTimer = undefined;
        this.#retireIdle();
      },
      Math.max(least, since + this.#idleTimeout - clock.now()),
    );
    unref(this.#idleTimer);
  }

  #retireIdle(): void {
    const input = this.#input();
    if (!this.#isCustom) this.#shrinkTo(this.#kept, this.#idleTimeout, 'idle', input);
    if (this.#config.isLazy)
      for (const worker of this.#expired(this.#parts.line.spare, this.#idleTimeout, input.now)) worker.retire('idle');
    const since = this.#mayGo()
      .filter((worker) => this.#isTimed(worker))
      .map(({ idleSince }) => idleSince);
    // A timer may be early by the fraction that floating point has lost: not again in the same instant.
    if (since.length > 0) this.#armIdle(Math.min(...since), 1);
  }

  /** Asks the law and grows to what it wants. */
  #follow(input: ScaleInput): Wanted {
    const wanted = this.#ask(input);
    const missing = wanted.workers - this.#crew.available;
    if (missing > 0) this.#grow(missing, wanted.reason, input);
    return wanted;
  }

  #ask(input: ScaleInput): Wanted {
    const { scaling } = this.#config;
    const wanted: Wanted =
      typeof scaling === 'function'
        ? {
            workers: this.#parts.reporter.guarded('scaling', () => requireNumber(scaling(input)), input.workers),
            reason: 'custom',
          }
        : defaultLaw(input, this.#config);
    const most = this.#isCustom ? input.maxWorkerCount : this.#worthwhile(this.#concurrency.limit);
    return { ...wanted, workers: Math.min(most, Math.max(this.#kept, Math.ceil(wanted.workers))) };
  }

  #grow(missing: number, reason: ScaleReason, input: ScaleInput): void {
    const from = this.#crew.available;
    const started = this.#parts.fleet.grow(missing);
    if (started > 0) this.#report(from, from + started, reason, input);
  }

  /**
   * Retires workers that have idled for `idleTimeout`, the longest idle first, while there are more than `count`. For a law of the user's,
   * while tasks wait, busy ones also go: after their present tasks, or they would take the next at once.
   */
  #shrinkTo(count: number, idleTimeout: number, reason: ScaleReason, input: ScaleInput): void {
    const from = this.#crew.available;
    const surplus = from - count;
    if (surplus <= 0) return;
    const expired = this.#expired(this.#dispatcher.ready.workers, idleTimeout, input.now);
    for (const worker of expired.slice(0, surplus)) worker.retire('idle');
    if (this.#isCustom && input.queued > 0) this.#shed(this.#crew.live - Math.max(count, input.workerCount));
    if (this.#crew.available < from) this.#report(from, this.#crew.available, reason, input);
  }

  /** Has so many busy burst workers take no other task, the least busy ones. */
  #shed(surplus: number): void {
    if (surplus <= 0) return;
    const busy = [...this.#crew.workers].filter((worker) => worker.kind === 'burst' && worker.isLive);
    busy.sort((a, b) => a.users - b.users);
    for (const worker of busy.slice(0, surplus)) worker.retire('resized');
  }

  #expired(workers: readonly Worker<R>[], idleTimeout: number, now: number): Worker<R>[] {
    return workers.filter((worker) => worker.isIdle && now - worker.idleSince >= idleTimeout);
  }

  get #isCustom(): boolean {
    return typeof this.#config.scaling === 'function';
  }

  get #idleTimeout(): number {
    const { idleTimeout, burstInterval } = this.#config;
    return idleTimeout ?? Math.max(MIN_IDLE_TIMEOUT, 2 * burstInterval, 5 * this.#load.creationTime);
  }

  #report(from: number, to: number, reason: ScaleReason, input: ScaleInput): void {
    const message = explain(from, to, reason, input);
    this.#parts.reporter.log('debug', message);
    this.#parts.reporter.events.emit('scaled', { from, to, reason, message, input });
  }

  #input(): ScaleInput {
    const { workerCount, maxWorkerCount } = this.#config.sizes;
    const now = this.#config.clock.now();
    const { ready } = this.#dispatcher;
    const { throttle } = this.#parts;
    const queued = this.#queued(now);
    return {
      now,
      queued,
      running: this.#load.running,
      idle: ready.workers.reduce((count, worker) => (worker.isIdle ? count + 1 : count), 0),
      starting: this.#crew.starting,
      workers: this.#crew.available,
      workerCount,
      maxWorkerCount,
      arrivalRate: Math.min(this.#load.arrivalRate(now), throttle.perSecond),
      completionRate: this.#load.completionRate(now),
      refusals: this.#load.refusalRate(now),
      serviceTime: this.#load.serviceTime(now),
      creationTime: this.#load.creationTime,
      oldestWait: queued > 0 ? Math.max(0, now - this.#oldest(now)) : 0,
    };
  }
}

function requireNumber(value: number): number {
  ignoreRejection(value);
  if (!(typeof value === 'number' && value > -Infinity)) {
    throw new RangeError(`a Scaler must return a number, got ${describe(value)}`);
  }
  return value;
}
