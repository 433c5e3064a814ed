import { requireDelay } from '../primitives/backoff.ts';
import { ProcessHold, reliable } from '../primitives/clock.ts';
import { messageOf } from '../primitives/check.ts';
import { Waits } from '../primitives/waits.ts';
import { Supply } from '../resources/supply.ts';
import type { SupplyOwner } from '../resources/supply.ts';
import { Upkeep } from '../resources/upkeep.ts';
import { LoadEstimator } from '../scaling/estimator.ts';
import { Admission, droppedEnd } from '../tasks/admission.ts';
import { Interceptors } from '../tasks/interceptors.ts';
import type { Interceptor } from '../tasks/interceptors.ts';
import { keepShapes } from '../tasks/kept-shapes.ts';
import { Nesting } from '../tasks/nesting.ts';
import type { WaitedFor } from '../tasks/nesting.ts';
import { WorkQueue } from '../tasks/queue.ts';
import { TaskWatch } from '../tasks/task-watch.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { Wait } from '../tasks/ties.ts';
import { explainWait, seatsOf } from '../workers/deadlock.ts';
import { Staff } from '../workers/crew.ts';
import { Recyclings } from '../workers/recycling.ts';
import { UpkeepTimer } from '../workers/upkeep-timer.ts';
import type { Place } from '../workers/place.ts';
import type { Worker, WorkerEnvironment } from '../workers/worker.ts';
import { Ledger } from '../reports/ledger.ts';
import { Reporter } from '../reports/reporter.ts';
import type { HandleOwner } from '../handles/handle.ts';
import { Leases } from '../handles/leases.ts';
import { DirectLine, notMade } from '../flow/direct-line.ts';
import { Dispatcher } from '../flow/dispatcher.ts';
import type { DispatcherOwner } from '../flow/dispatcher.ts';
import { EarlyEnds } from '../flow/early-ends.ts';
import { Fleet } from '../flow/fleet.ts';
import { Intake } from '../flow/intake.ts';
import { Judge } from '../flow/judge.ts';
import { LoopTurns } from '../flow/loop-turns.ts';
import { Throttle } from '../flow/throttle.ts';
import type { ThrottleOwner } from '../flow/throttle.ts';
import type { Throttled } from '../reports/events.ts';
import { Autoscaler } from './autoscaler.ts';
import type { ResolvedConfig } from './config.ts';
import { Lifecycle } from './lifecycle.ts';
import type { LifecycleOwner } from './lifecycle.ts';

/** Wait after a failed creation, in ms, where `createBackoff` throws. */
const FALLBACK_DELAY = 1_000;

/** The parts of one manager, connected: what happens in one and concerns another goes through here. */
export class Engine<R> implements LifecycleOwner<R>, DispatcherOwner<R>, SupplyOwner, ThrottleOwner, HandleOwner<R> {
  readonly intake: Intake<R>;
  readonly leases: Leases<R>;
  readonly config: ResolvedConfig<R>;
  readonly reporter: Reporter;
  readonly ledger: Ledger<R>;
  readonly watch: TaskWatch<R>;
  readonly load: LoadEstimator;
  readonly queue: WorkQueue<R>;
  readonly #admission: Admission<R>;
  readonly dispatcher: Dispatcher<R>;
  readonly supply: Supply<R>;
  readonly fleet: Fleet<R>;
  readonly staff: Staff<R>;
  readonly environment: WorkerEnvironment<R>;
  readonly turns: LoopTurns;
  readonly throttle: Throttle;
  readonly line: DirectLine<R>;
  readonly autoscaler: Autoscaler<R>;
  readonly early: EarlyEnds<R>;
  readonly #upkeep: Upkeep<R>;
  readonly #upkeepTimer: UpkeepTimer<R>;
  readonly lifecycle: Lifecycle<R>;
  readonly #hold = new ProcessHold();
  readonly waits: Waits;
  readonly recyclings: Recyclings<R>;
  readonly #ends = new Set<(error: unknown) => void>();

  /** Which task has asked for what; only where `stuckAfter` is on. */
  readonly nesting: Nesting | undefined;

  /** Nobody reads them: see {@link keepShapes}. */
  readonly keptShapes: readonly object[] = keepShapes();

  constructor(given: ResolvedConfig<R>) {
    this.reporter = new Reporter(given.logger, given.scope, given.name);
    for (const [event, listener] of given.listeners)
      this.reporter.events.on(event, listener as (payload: object) => void);
    const config = { ...given, clock: reliable(given.clock, (error) => this.reporter.failed('clock', error)) };
    this.config = config;
    this.nesting = config.stuckAfter < Infinity ? Nesting.begin() : undefined;
    const { clock, sizes, tasksPerWorker } = config;
    this.load = new LoadEstimator(() => sizes.workerCount * tasksPerWorker);
    this.watch = new TaskWatch(
      clock,
      given.clock,
      config.stuckAfter,
      (task, error, as) => this.early.end(task, error, as),
      (task) => this.ledger.stuck(task, this.#waitOf(task)),
      (error) => this.reporter.failed('signal', error),
    );
    this.ledger = new Ledger(clock, config.collector, config.isOwnCollector, this.watch, this.reporter);
    this.leases = new Leases(config.onRelease !== undefined, (error) => this.reporter.failed('lease', error));
    this.ledger.onLeaseOver = (lease) => this.leases.over(lease);
    this.queue = new WorkQueue({
      ...config,
      pausesKeys: config.checkHealth !== undefined,
      dropped: droppedEnd(config),
      isMeasured: config.scaling !== 'off' && sizes.maxWorkerCount > sizes.workerCount,
    });
    this.waits = new Waits(
      () => this.queue.size,
      () => {
        if (this.lifecycle.isAccepting) return this.#admission.excess;
        return this.lifecycle.isDraining ? Infinity : -Infinity; // no room before a drain is over; after the end, who asks is told so
      },
    );
    this.turns = new LoopTurns(clock, () => this.opened());
    this.throttle = new Throttle(config, this);
    const judge = new Judge(config, this.reporter);
    this.dispatcher = new Dispatcher(
      config,
      this.queue,
      this.ledger,
      this.load,
      this.watch,
      judge,
      this.turns,
      this.throttle,
      this.waits,
      this,
    );
    this.#admission = new Admission(config, this.queue, () => this.autoscaler.places);
    this.lifecycle = new Lifecycle(this);
    const createBackoff = (failures: number): number =>
      this.reporter.guarded('createBackoff', () => requireDelay(config.createBackoff(failures)), FALLBACK_DELAY);
    this.supply = new Supply(clock, createBackoff, this.lifecycle, this);
    this.recyclings = new Recyclings(this.lifecycle);
    this.#upkeep = new Upkeep(config, (hook, error) => this.reporter.failed(hook, error));
    this.staff = new Staff(config.maxResources, this.lifecycle);
    this.#upkeepTimer = new UpkeepTimer(clock, this.#upkeep, this.staff);
    this.environment = {
      hooks: config,
      log: this.ledger,
      runs: this.dispatcher,
      upkeep: this.#upkeep,
      timer: this.#upkeepTimer,
      workersMade: 0,
    };
    this.fleet = new Fleet(this, this.dispatcher);
    this.line = new DirectLine(this, this.dispatcher, this.fleet);
    this.autoscaler = new Autoscaler(this);
    this.dispatcher.calm.scaling = this.autoscaler;
    const { lifecycle, dispatcher, line } = this;
    this.intake = new Intake(this, given.clock, lifecycle, this.#admission, judge, dispatcher, line);
    this.early = new EarlyEnds(this, this.dispatcher, this.line);
    this.ledger.onQuiet = () => {
      this.lifecycle.fellQuiet();
      this.waits.fellIdle();
    };
  }

  /** To be called once, before anything else; `ready` tells the end of it. */
  start(): void {
    const { deprecated } = this.config;
    if (deprecated.length > 0) {
      const names = deprecated.join(' and ');
      this.reporter.log('warn', `deprecated and ignored, since the workers follow the load: ${names}`);
    }
    this.dispatched(); // the start keeps the process alive
    this.lifecycle.start();
    this.reconcile();
  }

  intercept(interceptor: Interceptor): () => void {
    const failed = (error: unknown): void => this.reporter.failed('interceptor', error);
    this.ledger.interceptors ??= new Interceptors(failed);
    return this.ledger.interceptors.add(interceptor);
  }

  cancel(task: TaskRecord<R>, reason: unknown): boolean {
    return this.early.cancel(task, reason);
  }

  prioritize(task: TaskRecord<R>, priority: number): void {
    if (!task.isWaiting || task.priority === priority) return;
    this.queue.reprioritize(task, priority);
    this.dispatcher.schedule();
  }

  /** Undefined if a task may be submitted now without being refused or pushing another one out; else a wait, to ask again. */
  noRoom(): Promise<void> | undefined {
    const { isAccepting, isDraining } = this.lifecycle;
    const mustWait = isDraining || (isAccepting && this.#admission.isFull);
    if (!mustWait) return undefined;
    const room = this.waits.room.wait(0);
    this.dispatched();
    return room;
  }

  onSizeLessThan(limit: number): Promise<void> {
    this.dispatcher.calm.disturb();
    return this.waits.sizes.wait(limit);
  }

  pause(): void {
    if (!this.lifecycle.isAccepting || this.dispatcher.isPaused) return;
    this.dispatcher.isPaused = true;
    this.dispatcher.calm.disturb();
    this.reporter.events.emit('paused', {});
  }

  /** Lets go on what a pause holds back, or accepts again after a drain. */
  resume(): void {
    if (this.lifecycle.reopen()) {
      this.reporter.events.emit('resumed', {});
      this.dispatched();
    } else {
      this.#unpause();
    }
  }

  #unpause(): void {
    if (!this.dispatcher.isPaused) return;
    this.dispatcher.isPaused = false;
    this.reporter.events.emit('resumed', {});
    this.dispatcher.schedule();
  }

  drain(): Promise<void> {
    if (this.lifecycle.isAccepting) this.resume();
    return this.waitedFor('drain()', this.lifecycle.drain());
  }

  /** The sizes have changed. */
  resized(): void {
    this.fleet.resized();
    this.autoscaler.resized();
    this.autoscaler.repair();
    this.autoscaler.consider();
    this.line.resized();
    const { unserved, unusable } = this.line;
    if (unusable !== undefined) {
      this.early.fail(unserved, (task) => task.error('INVALID_CONFIG', `got no resource: ${unusable}`));
    }
    this.lifecycle.look(); // what the start still lacked may not be wanted any more
    this.dispatched();
  }

  async recycle(reason: string | undefined): Promise<void> {
    this.reporter.log('info', `recycling every resource${reason === undefined ? '' : `: ${reason}`}`);
    const crews = [this.fleet.crew, this.line.pool].map((crew) => this.recyclings.begin(crew, reason));
    await this.waitedFor('recycle()', Promise.all(crews), 'lasting');
  }

  resultRead(task: TaskRecord<R>): void {
    this.nesting?.resultRead(task);
  }

  /** Something that waited has started or left, or there is more room. */
  readonly dispatched = (): void => {
    const { dispatcher, throttle, waits } = this;
    dispatcher.calm.disturb();
    const isRoomTimed = throttle.isActive && waits.room.size > 0 && throttle.waitForRoom(dispatcher.clock.now());
    const isWaiting =
      isRoomTimed || this.ledger.open > this.ledger.running + this.ledger.leases || this.lifecycle.isAwaited;
    if (isWaiting) dispatcher.calm.isTold = this.line.isTold = false;
    else if (throttle.timerAt < Infinity) throttle.rest();
    if (isWaiting !== this.#hold.isHeld) {
      this.#hold.set(isWaiting); // work that waits keeps the process alive, and so does a shutdown, for which somebody waits
      this.supply.isUrgent = isWaiting;
    }
    waits.changed();
  };

  readonly idle = (worker: Worker<R>): void => this.autoscaler.idle(worker);

  /** What time has held back may start. */
  opened(): void {
    this.autoscaler.opened();
    this.line.schedule();
    this.dispatcher.schedule();
  }

  throttled(reason: Throttled['reason'], delay: number): void {
    const { events } = this.reporter;
    if (events.has('throttled')) events.emit('throttled', { reason, delay, waiting: this.throttledTasks });
  }

  /** Tasks that wait for their time. */
  get throttledTasks(): number {
    const { queue, line } = this;
    return line.throttled + queue.heldSize + (this.opensIn > 0 ? queue.readySize : 0);
  }

  /** Milliseconds until the time of the next queued task has come; 0 if it has, or if only that of its key has not. */
  get opensIn(): number {
    if (!this.throttle.isActive) return 0;
    const now = this.config.clock.now();
    return Math.max(0, this.dispatcher.opensAt(now) - now);
  }

  refused(task: TaskRecord<R>, startedAt: number): void {
    this.autoscaler.refused(task, startedAt, this.leases.size);
  }

  proven(openedAt: number): void {
    this.supply.proven(openedAt);
  }

  overdue(place: Place<R>): void {
    this.early.overdue(place);
  }

  started(): void {
    this.#upkeepTimer.open();
    this.reconcile();
    this.dispatched();
  }

  stopping(): void {
    this.#unpause();
    if (this.ledger.quarantined > 0) for (const place of this.staff.places()) place.awaitFunction();
    this.dispatched();
  }

  closing(): void {
    this.autoscaler.close();
    this.supply.close();
    this.#upkeepTimer.close();
    this.recyclings.close();
  }

  ended(): void {
    for (const listener of [...this.#ends]) listener(this.lifecycle.stoppedError());
    this.#upkeep.close();
    this.nesting?.end();
    this.config.scope?.emitDestroy?.();
    this.dispatched();
  }

  /**
   * Something may let more happen, whatever it was: looks at what is missing, and whether the start or the end may go on. To be
   * called once too often rather than not at all, but not for each task.
   */
  readonly reconcile = (): void => {
    this.dispatcher.calm.disturb();
    if (this.lifecycle.isClosing) {
      this.lifecycle.look();
      return;
    }
    if (this.lifecycle.isUp) {
      this.autoscaler.repair();
      this.line.refill();
      this.autoscaler.consider();
      this.recyclings.step();
      if (this.dispatcher.isTimed) this.dispatcher.schedule(); // what waits may have counted on a worker that was not made, and has no timer
    } else if (!this.config.isLazy) {
      const { crew } = this.fleet;
      crew.grow(crew.least - crew.available);
      this.line.refill();
    }
    this.waits.changed(); // a worker that is gone makes room for another
    this.lifecycle.look();
  };

  readonly creationFailed = (cause: unknown, isProbe: boolean): void => {
    this.lifecycle.creationFailed(cause);
    if (!isProbe || this.lifecycle.isStarting) return; // what waits during the start waits to its end
    const { pool, temporaries } = this.line;
    const what = `has no worker: none is left, and none could be made: ${messageOf(cause)}`;
    if (this.fleet.crew.available === 0) {
      this.early.fail(this.queue.ready(), (task) => task.error('CREATE_FAILED', what, { cause }));
    }
    if (pool.available + temporaries.available === 0) {
      this.early.fail(this.line.unserved, (task) => notMade(task, cause));
    }
  };

  /** Calls `listener` when the shutdown is over; returns the function that forgets it. */
  onEnd(listener: (error: unknown) => void): () => void {
    this.#ends.add(listener);
    return () => this.#ends.delete(listener);
  }

  /** A call that ends no sooner than all tasks, the one included inside which it may have been made. */
  waitedFor<T>(call: string, promise: Promise<T>, workers: WaitedFor = 'all'): Promise<T> {
    this.nesting?.called(call, promise, workers);
    return promise;
  }

  /** What a task that is stuck waits for, as far as that is known. */
  #waitOf(task: TaskRecord<R>): Wait | undefined {
    if (task.extras?.ties === undefined) return undefined;
    const { crew } = this.fleet;
    const { pool, temporaries } = this.line;
    return explainWait(task.extras.ties, {
      queue: seatsOf([crew], this.dispatcher.isPaused || crew.mayGrow(this.autoscaler.mostWorkers)),
      pool: seatsOf([pool, temporaries], pool.mayGrow() || temporaries.mayGrow()),
      places: this.staff.places(),
      keyConcurrency: this.config.keyConcurrency,
    });
  }
}
