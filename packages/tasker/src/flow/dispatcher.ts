import type { Clock } from '../primitives/clock.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { Waits } from '../primitives/waits.ts';
import type { LoadEstimator } from '../scaling/estimator.ts';
import type { WorkQueue } from '../tasks/queue.ts';
import type { TaskWatch } from '../tasks/task-watch.ts';
import type { TaskExtras, TaskRecord } from '../tasks/task.ts';
import type { Place, Runs } from '../workers/place.ts';
import { ReadyList } from '../workers/ready-list.ts';
import type { Worker } from '../workers/worker.ts';
import type { Ledger } from '../reports/ledger.ts';
import { Calm } from './calm.ts';
import type { Judge, Overload } from './judge.ts';
import type { LoopTurns } from './loop-turns.ts';
import type { Throttle } from './throttle.ts';

/**
 * The way of a task, from top to bottom: taken in, dispatched, started, ended, followed by the next one.
 *
 * ```
 *   submit ──▶ queue ──▶ dispatch ──▶ start ──▶ its function ──▶ succeeded, failed ──▶ the place is free
 *                ▲                      ▲                            │ retry    │
 *                └──────────────────────┼────────────────────────────┘          │
 *                                       └───────── the next task, at once ◀─────┘
 * ```
 *
 * Submissions of one synchronous stretch are dispatched together, in a microtask, so that they start by priority. A
 * worker that ends a task takes the next one at once. Else work goes to the least busy worker, and to the most recently
 * used one of these, so that those above the need stay idle and can be retired. The tasks of `runTask` wait elsewhere, and start
 * and end here like all others.
 *
 * While it is {@link Calm}, a task meets only what is on this page.
 */
export class Dispatcher<R> implements Runs<R> {
  readonly queue: WorkQueue<R>;
  readonly clock: Clock;
  readonly abandonAfter: number;
  isPaused = false;
  /** How many tasks of the queues may run at once; for {@link restrict}. */
  limit: number = Infinity;
  /** Workers of the queues that may be given tasks. */
  readonly ready: ReadyList<R> = new ReadyList<R>(() => this.schedule());
  /** Whether a dispatch follows the current synchronous stretch. */
  isScheduled = false;
  /** How many stretches a dispatch has followed or is about to follow. */
  stretch = 0;
  private isDispatching = false;
  private readonly ledger: Ledger<R>;
  private readonly load: LoadEstimator;
  private readonly watch: TaskWatch<R>;
  private readonly judge: Judge<R>;
  private readonly turns: LoopTurns;
  private readonly throttle: Throttle;
  readonly calm: Calm<R>;
  private readonly owner: DispatcherOwner<R>;

  constructor(
    { clock, abandonAfter }: DispatcherOptions,
    queue: WorkQueue<R>,
    ledger: Ledger<R>,
    load: LoadEstimator,
    watch: TaskWatch<R>,
    judge: Judge<R>,
    turns: LoopTurns,
    throttle: Throttle,
    waits: Waits,
    owner: DispatcherOwner<R>,
  ) {
    this.clock = clock;
    this.abandonAfter = abandonAfter;
    this.queue = queue;
    this.ledger = ledger;
    this.load = load;
    this.watch = watch;
    this.judge = judge;
    this.turns = turns;
    this.throttle = throttle;
    this.calm = new Calm(queue, this.ready, waits, turns, load, this, () => owner.dispatched());
    this.owner = owner;
  }

  /** Takes in a new task. */
  submit(task: TaskRecord<R>): void {
    const { queuedAt } = task;
    this.load.arrived(queuedAt);
    this.queue.push(task);
    const { calm } = this;
    if (this.queue.readySize > calm.most) calm.most = this.queue.readySize;
    if (!(queuedAt < calm.until) || calm.most > calm.size) this.schedule();
  }

  /** From now on at most `limit` tasks run at once; those that run go on. */
  restrict(limit: number): void {
    this.limit = limit;
    this.calm.disturb();
    this.schedule();
  }

  /** Takes out a waiting task that is about to be settled. */
  remove(task: TaskRecord<R>): void {
    this.queue.remove(task);
    if (this.isTimed) this.schedule(); // another one may be first now, and cost less
  }

  /** Dispatches after the current synchronous stretch. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.stretch++;
    inMicrotask(this.scheduled);
  }

  private readonly scheduled = (): void => {
    this.isScheduled = false;
    this.dispatch(this.clock.now());
  };

  /** Starts waiting tasks while there are workers for them. */
  dispatch(now: number): void {
    if (this.isDispatching) return; // a task that ends synchronously frees its worker inside the loop, which goes on
    this.isDispatching = true;
    let instant = this.isTimed ? this.clock.now() : now; // who was told that a task has ended may have blocked
    if (this.queue.isTimed) this.queue.open(instant);
    while (this.queue.readySize > 0 && this.startOne(instant)) {
      if (this.queue.readySize > 0) instant = this.clock.now(); // a task may have run meanwhile
    }
    this.isDispatching = false;
    const opening = this.queue.heldSize > 0 ? this.queue.nextOpening : undefined;
    if (opening !== undefined) this.throttle.wait(opening.until, instant, opening.reason);
    this.calm.look(instant);
  }

  /** From when on the first of those that wait may start, by the time of all. */
  opensAt(now: number): number {
    return this.throttle.opensAt(this.queue.firstStartable(now)?.cost ?? 1);
  }

  /** Whether it depends on the time, too, what may start. */
  get isTimed(): boolean {
    return this.throttle.isActive || this.queue.isTimed;
  }

  /** Starts the first of those that wait on the worker that is best for it; false if there is neither. */
  private startOne(now: number): boolean {
    if (this.isPaused || (this.throttle.isActive && !this.mayStart(now))) return false;
    if (this.ready.workers.length === 0 || this.load.running >= this.limit || this.turns.mustWait(now)) return false;
    const worker = this.ready.pick(this.queue.readySize, now);
    if (worker === undefined || this.isPaused) return false; // by `validate`, which may do anything
    const instant = worker.isLookedAfter && this.isTimed ? this.clock.now() : now; // `validate` may have blocked
    const task = (this.throttle.isActive ? undefined : this.queue.shiftPlain()) ?? this.next(instant, worker);
    if (task === undefined) return false;
    // A retry goes to another worker than the one that failed it, if one is free at this moment.
    const isAgain = task.extras?.avoid === worker.resource;
    const chosen = (isAgain ? this.ready.other(worker, now) : undefined) ?? worker;
    const place = chosen.take();
    if (chosen.freePlaces === 0) this.ready.withdraw(chosen);
    this.start(task, place, instant);
    return true;
  }

  /** Whether the first of those that wait may start now, by time. */
  private mayStart(now: number): boolean {
    const { throttle } = this;
    const first = throttle.isClaimed ? undefined : this.queue.firstStartable(now); // `runTask` comes first, and asks again
    return first !== undefined && throttle.passes(first.cost, now);
  }

  /** Starts a waiting task in a place that was free. */
  start(task: TaskRecord<R>, place: Place<R>, now: number): void {
    const { resource } = place.worker;
    resource.join();
    if (resource.uses === 1) this.owner.proven(resource.createdAt);
    if (task.extras?.kind !== 'direct') this.load.started(now);
    if (this.throttle.isRated) this.throttle.started(task.cost, now);
    this.begin(task, place, now);
  }

  private begin(task: TaskRecord<R>, place: Place<R>, now: number): void {
    place.startedAt = now;
    task.begin(place);
    if (task.extras !== undefined) {
      task.extras.avoid = undefined;
      this.watch.started(task, task.extras);
    }
    this.ledger.started(task);
    place.run(task);
  }

  succeeded(place: Place<R>, task: TaskRecord<R>, value: unknown): void {
    const now = this.clock.now();
    if (task.state === 'running') this.ledger.completed(task, value, place.startedAt, now);
    this.ended(place, task, now);
  }

  failed(place: Place<R>, task: TaskRecord<R>, error: unknown): void {
    const now = this.clock.now();
    if (task.state === 'running') this.judgeError(place, task, error, now);
    this.ended(place, task, now);
  }

  /** The function has ended. Its place takes the next task, or is free. */
  private ended(place: Place<R>, task: TaskRecord<R>, now: number): void {
    if (place.task !== task) return; // killed by what the end has set off
    if (task.extras === undefined) task.letGo(); // settled, since a retry would have given it some
    else this.left(task);
    // Under a limit, others may be ready, and a retry may have to go to one of them.
    const mayFollow = this.queue.retrySize === 0 || this.ready.workers.length === 0;
    if (now < this.calm.until && mayFollow && place.state === 'busy' && !this.isDispatching) {
      if (place.worker.goesOn) {
        const next = this.queue.shiftPlain() ?? this.next(now);
        if (next !== undefined) {
          this.follow(next, place, now);
          return;
        }
      } else if (place.worker.isLookedAfter && this.goOn(place, now)) {
        return;
      }
    }
    this.rest(place, task, now);
  }

  /** Nothing follows in a place by itself. */
  private rest(place: Place<R>, task: TaskRecord<R>, now: number): void {
    if (task.extras?.kind !== 'direct') this.load.ended(place.startedAt, now);
    if (this.limit < Infinity) this.schedule(); // its own worker may take no other task, but another one may
    const { state } = place;
    place.leave();
    if (state === 'quarantined') this.ledger.quarantineEnded();
    place.worker.rested(place, now);
  }

  /** The same where a worker is looked after, if its resource is fit for the next task at once. */
  private goOn(place: Place<R>, now: number): boolean {
    const { worker } = place;
    if (!worker.refresh(now)) return false;
    const later = this.clock.now(); // a hook takes its time, and may do anything
    const next = later < this.calm.until ? (this.queue.shiftPlain() ?? this.next(later)) : undefined;
    if (next === undefined) return false;
    worker.goOn();
    this.follow(next, place, later);
    return true;
  }

  /** Starts a task where another one has just ended. */
  private follow(task: TaskRecord<R>, place: Place<R>, now: number): void {
    this.load.next(place.startedAt, now);
    place.worker.resource.uses++;
    this.isDispatching = true;
    this.begin(task, place, now);
    this.isDispatching = false;
    if (this.ready.workers.length > 0) this.dispatch(this.clock.now()); // it has ended already
    else if (this.queue.readySize === 0) this.calm.look(now);
  }

  /** The next task that may still start, maybe on a worker that is ready; those that came too late are settled on the way. */
  private next(now: number, worker?: Worker<R>): TaskRecord<R> | undefined {
    for (;;) {
      // Afresh for each: `validate` may have done anything, and what comes next may cost more.
      if (worker !== undefined && this.throttle.isActive && !this.mayStart(now)) return undefined;
      const task = this.queue.shift(now);
      if (task?.extras === undefined) return task;
      const error = this.watch.expired(task, task.extras);
      if (error === undefined) {
        if (this.queue.isTimed) this.queue.started(task, now);
        return task;
      }
      if (task.key !== undefined) this.queue.leave(task.key);
      this.ledger.failed(task, error, now);
      // The collector has been told, and may do anything: even say that this very resource has died.
      if (worker?.isListed !== true || this.isPaused) return undefined;
    }
  }

  // What is rare.

  private judgeError(place: Place<R>, task: TaskRecord<R>, error: unknown, now: number): void {
    const { worker } = place;
    const judgement = this.judge.judge(task, error, worker.resource, now);
    const { isSick, overload } = judgement;
    if (isSick) worker.retire('sick', error);
    if (overload !== undefined) this.overloaded(overload, task, place.startedAt);
    if (task.state !== 'running') return; // a hook has cancelled it or killed the manager
    if (judgement.task === 'fail') {
      this.ledger.failed(task, judgement.error, now);
      return;
    }
    const { delay } = judgement;
    const extras = task.retry(error, now, overload !== undefined);
    extras.avoid = isSick || overload !== undefined ? undefined : worker.resource;
    this.watch.retried(task, extras);
    // What a pause holds back waits in the queue: it comes first when that is over.
    this.requeue(task, extras, overload !== undefined && overload.pause > 0 ? 0 : delay);
    this.ledger.retried(task, error, delay); // last: a collector may do anything, even kill the manager
  }

  /** What is behind the resources has too much to do. */
  private overloaded({ pause, key }: Overload, task: TaskRecord<R>, startedAt: number): void {
    const now = this.clock.now();
    const until = now + pause;
    if (key === undefined) this.load.refused(now);
    if (key !== undefined) this.queue.pause(key, until);
    else if (pause > 0) this.throttle.pause(until);
    else this.owner.refused(task, startedAt);
    this.calm.disturb();
  }

  /** Takes a task back for another run, after `delay` ms. It holds no worker meanwhile. */
  private requeue(task: TaskRecord<R>, extras: TaskExtras, delay: number): void {
    this.load.arrived(this.clock.now());
    if (delay === 0) {
      this.queue.push(task);
      this.schedule();
      return;
    }
    this.queue.hold(task);
    extras.retryTimer = this.clock.setTimeout(() => {
      extras.retryTimer = undefined;
      this.queue.unhold(task);
      this.dispatch(this.clock.now());
    }, delay);
  }

  /** Of a lease only the resource is judged: there is nobody to tell of more, and nothing to run again. */
  released(place: Place<R>, lease: TaskRecord<R>, error: unknown): void {
    if (lease.state !== 'running') return;
    const { worker } = place;
    if (error !== undefined) {
      const decision = this.judge.decide(lease, error, worker.resource);
      const overload = this.judge.overload(decision, lease);
      if (decision.resource === 'replace') worker.retire('sick', error);
      if (overload !== undefined) this.overloaded(overload, lease, this.clock.now()); // what was refused is the last that it did
    }
    if (lease.isOpen) this.ledger.completed(lease, undefined, place.startedAt, this.clock.now()); // else a hook has killed the manager
  }

  overdue(place: Place<R>): void {
    this.owner.overdue(place);
  }

  /** The function of a settled task is waited for no more. */
  abandoned(task: TaskRecord<R>, startedAt: number): void {
    if (task.extras?.kind !== 'direct') this.load.ended(startedAt, this.clock.now());
    if (this.limit < Infinity) this.schedule();
    this.left(task);
  }

  /** The function of a task has ended or was given up. */
  private left(task: TaskRecord<R>): void {
    const key = task.extras?.key;
    // Its own worker may not take the next of that key for a while, or ever, but another one may.
    if (key !== undefined && this.queue.leave(key)) this.schedule();
    if (!task.isOpen) task.letGo();
  }
}

/** The part of the configuration that concerns the way of a task. */
export interface DispatcherOptions {
  readonly clock: Clock;
  readonly abandonAfter: number;
}

/** Callbacks of {@link Dispatcher}. */
export interface DispatcherOwner<R> {
  /** Something that waited has started or left. */
  dispatched(): void;
  /** A run that began at `startedAt` was refused because of an overload, and nobody says for how long. */
  refused(task: TaskRecord<R>, startedAt: number): void;
  /** A resource that came up at `openedAt` is used for the first time. */
  proven(openedAt: number): void;
  /** The function of a settled task has run on for `abandonAfter`. */
  overdue(place: Place<R>): void;
}
