import { messageOf } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import { sharingStack } from '../primitives/errors.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { WorkQueue } from '../tasks/queue.ts';
import type { TaskWatch } from '../tasks/task-watch.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { Place } from '../workers/place.ts';
import { ReadyList } from '../workers/ready-list.ts';
import type { Worker } from '../workers/worker.ts';
import type { Judge } from './judge.ts';
import type { LoopTurns } from './loop-turns.ts';

/**
 * Brings waiting tasks and free workers together.
 *
 * Submissions of one synchronous stretch are dispatched together, in a microtask, so that they start by priority. A
 * worker that ends a task takes the next one at once. Else work goes to the least busy worker, and to the most recently
 * used one of these, so that those above the need stay idle and can be retired.
 */
export class Dispatcher<R> {
  readonly queue: WorkQueue<R>;
  isPaused = false;
  readonly #list = new ReadyList<R>(() => this.schedule());
  #isScheduled = false;
  #isDispatching = false;
  readonly #clock: Clock;
  readonly #watch: TaskWatch<R>;
  readonly #judge: Judge<R>;
  readonly #turns: LoopTurns;
  readonly #owner: DispatcherOwner;

  constructor(
    clock: Clock,
    queue: WorkQueue<R>,
    watch: TaskWatch<R>,
    judge: Judge<R>,
    turns: LoopTurns,
    owner: DispatcherOwner,
  ) {
    this.#clock = clock;
    this.queue = queue;
    this.#watch = watch;
    this.#judge = judge;
    this.#turns = turns;
    this.#owner = owner;
  }

  /** Live workers with a free place, the longest unused first. */
  get ready(): readonly Worker<R>[] {
    return this.#list.workers;
  }

  /** Workers whose validation a waiting task counts on. */
  get checking(): number {
    return this.#list.checking;
  }

  /** Tasks that could start now, but for a pause. */
  get freePlaces(): number {
    return this.ready.reduce((sum, worker) => sum + worker.freePlaces, 0);
  }

  /** Takes in a new task. */
  submit(task: TaskRecord<R>): void {
    this.queue.push(task);
    this.#judge.accepted(task);
    // Under a load each worker takes its next task itself, and there is nothing to do here.
    if (this.#list.workers.length > 0 || this.#owner.mustDispatch(task.queuedAt)) this.schedule();
  }

  /** Takes a task back for another run, after `delay` ms. It holds no worker meanwhile. */
  requeue(task: TaskRecord<R>, delay: number): void {
    const { extras } = task;
    if (delay > 0 && extras !== undefined) {
      this.queue.hold(task);
      extras.retryTimer = this.#clock.setTimeout(() => {
        extras.retryTimer = undefined;
        this.queue.unhold(task);
        this.dispatch();
      }, delay);
    } else {
      this.queue.push(task);
      this.schedule();
    }
  }

  /** No worker is left and none can be made: those who wait are told. */
  failAll(cause: unknown): void {
    const now = this.#clock.now();
    const what = `has no worker: none is left, and none could be made: ${messageOf(cause)}`;
    const share = sharingStack();
    for (const task of [...this.queue.ready()]) {
      if (!task.isWaiting) continue; // settled meanwhile by the collector
      this.queue.remove(task);
      this.#judge.fail(
        task,
        share(() => task.error('CREATE_FAILED', what, { cause }), task.extras?.stack),
        now,
      );
    }
    this.#owner.dispatched();
  }

  /** A worker may be given tasks: it is now the most recently used. */
  add(worker: Worker<R>): void {
    this.#list.add(worker);
  }

  /** A worker takes no task, for now or for good. */
  withdraw(worker: Worker<R>): void {
    this.#list.withdraw(worker);
  }

  /** Dispatches after the current synchronous stretch. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    inMicrotask(this.#scheduled);
  }

  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.dispatch();
  };

  /** Starts waiting tasks while there are workers for them. `now` saves a reading of the clock to who has just read it. */
  dispatch(now: number = this.#clock.now()): void {
    // A task that ends synchronously frees its worker inside the loop, which goes on.
    if (this.#isDispatching) return;
    if (!this.isPaused) {
      this.#isDispatching = true;
      let instant = now;
      while (this.#startOne(instant)) instant = this.#clock.now(); // the task may have run meanwhile
      this.#isDispatching = false;
      if (this.queue.readySize > 0 && !this.#turns.isAwaited) this.#owner.backlog(instant);
    }
    this.#owner.dispatched();
  }

  /** A place of a live worker has ended a task: it runs the next one at once, if one may start there (true). */
  goOn(worker: Worker<R>, place: Place<R>, now: number): boolean {
    const { queue } = this;
    if (this.#isDispatching || this.isPaused || queue.readySize === 0 || this.#turns.mustWait(now)) return false;
    if (this.#list.workers.length > 0) return false; // another one may be less busy: a dispatch chooses
    const task = queue.shiftPlain() ?? this.#next(worker, now);
    if (task === undefined) return false;
    this.#isDispatching = true;
    place.runNext(task, now);
    this.#isDispatching = false;
    if (this.#list.workers.length > 0) {
      this.dispatch(); // the task has ended already
      return true;
    }
    if (queue.readySize > 0) this.#owner.backlog(now);
    this.#owner.dispatched();
    return true;
  }

  /** Starts the first of those that wait on the worker that is best for it; false if there is neither. */
  #startOne(now: number): boolean {
    const { readySize } = this.queue;
    if (readySize === 0 || this.isPaused || this.#turns.mustWait(now)) return false;
    const worker = this.#list.pick(readySize, now);
    if (worker === undefined) return false;
    const task = this.queue.shiftPlain() ?? this.#next(worker, now);
    if (task === undefined) return false;
    // A retry goes to another worker than the one that failed it, if one is free at this moment.
    const isAgain = task.extras?.avoid === worker.resource;
    const chosen = (isAgain ? this.#list.other(worker, now) : undefined) ?? worker;
    const place = chosen.take();
    if (chosen.freePlaces === 0) this.withdraw(chosen);
    place.run(task, now);
    return true;
  }

  /** The next task that may still start; those that came too late are settled on the way. */
  #next(worker: Worker<R>, now: number): TaskRecord<R> | undefined {
    for (;;) {
      const task = this.queue.shift(now);
      if (task?.extras === undefined) return task;
      const error = this.#watch.expired(task, task.extras);
      if (error === undefined) return task;
      if (task.key !== undefined) this.queue.leave(task.key);
      this.#judge.fail(task, error, now);
      // The collector has been told, and may do anything: even say that this very resource has died.
      if (!worker.isListed || this.isPaused) return undefined;
    }
  }
}

/** What the dispatcher sets off. */
export interface DispatcherOwner {
  /** Tasks are left for which no worker is free. */
  backlog(now: number): void;
  /** Whether anything would follow from one more waiting task. */
  mustDispatch(now: number): boolean;
  /** A dispatch has ended: somebody may want to know what waits now. */
  dispatched(): void;
}
