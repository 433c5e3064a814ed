import type { Clock } from '../primitives/clock.ts';
import { TaskerError } from '../primitives/errors.ts';
import { WorkQueue } from '../tasks/queue.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { TaskGuard } from './guard.ts';
import type { TaskRuns } from './runs.ts';
import type { Worker } from './worker.ts';

/** What the dispatcher sets off. */
export interface DispatcherOwner {
  /** Tasks are left for which no worker is free. */
  backlog(): void;
  /** A dispatch has ended, or something waiting has left: somebody may want to know what waits now. */
  dispatched(): void;
}

/**
 * Brings waiting tasks and free workers together.
 *
 * Submissions of one synchronous stretch are dispatched together, in a microtask, so that they start by priority. A
 * worker that ends a task takes the next one at once. Work goes to the most recently used worker, so that those above
 * the need stay idle and can be retired.
 */
export class Dispatcher<R> {
  readonly queue: WorkQueue<R> = new WorkQueue<R>();
  isPaused = false;
  /** Idle workers, the most recently used last. */
  readonly #idle: Worker<R>[] = [];
  #isScheduled = false;
  #isDispatching = false;
  readonly #clock: Clock;
  readonly #guard: TaskGuard<R>;
  readonly #runs: TaskRuns<R>;
  readonly #owner: DispatcherOwner;

  constructor(clock: Clock, guard: TaskGuard<R>, runs: TaskRuns<R>, owner: DispatcherOwner) {
    this.#clock = clock;
    this.#guard = guard;
    this.#runs = runs;
    this.#owner = owner;
  }

  /** Idle workers, the longest idle first. */
  get idle(): readonly Worker<R>[] {
    return this.#idle;
  }

  /** Takes in a new task. */
  submit(task: TaskRecord<R>): void {
    this.queue.push(task);
    this.#runs.accepted(task);
    this.schedule();
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

  /** Forgets a waiting task that has just been settled. */
  remove(task: TaskRecord<R>, wasRetry: boolean): void {
    this.queue.remove(task, wasRetry);
    this.#owner.dispatched();
  }

  /** No worker is left and none can be made: those who wait are told. */
  failAll(cause: unknown): void {
    const now = this.#clock.now();
    for (let task = this.queue.shift(); task !== undefined; task = this.queue.shift()) {
      const error = new TaskerError('CREATE_FAILED', 'no worker is left, and none could be made', {
        cause,
        task: task.info('failed'),
      });
      this.#runs.fail(task, error, now);
    }
    this.#owner.dispatched();
  }

  /** A worker may be given tasks. */
  add(worker: Worker<R>): void {
    this.#idle.push(worker);
  }

  /** A worker takes no new task. */
  withdraw(worker: Worker<R>): void {
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Dispatches after the current synchronous stretch. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#scheduled);
  }

  readonly #scheduled = (): void => {
    this.#isScheduled = false;
    this.dispatch();
  };

  /** Starts waiting tasks while there are idle workers. */
  dispatch(): void {
    // A task that ends synchronously frees its worker inside the loop below, which goes on.
    if (this.#isDispatching || this.isPaused) return;
    this.#isDispatching = true;
    while (this.#idle.length > 0) {
      const task = this.#next();
      if (task === undefined) break;
      const worker = this.#idle.pop() as Worker<R>; // the loop's condition; `#next` calls nobody
      worker.place.run(task, this.#clock.now());
    }
    this.#isDispatching = false;
    if (this.queue.readySize > 0) this.#owner.backlog();
    this.#owner.dispatched();
  }

  /** The next task that may still start; those that came too late are settled on the way. */
  #next(): TaskRecord<R> | undefined {
    for (;;) {
      const task = this.queue.shift();
      if (task?.extras === undefined) return task;
      const now = this.#clock.now();
      const error = this.#guard.expired(task, task.extras, now);
      if (error === undefined) return task;
      this.#runs.fail(task, error, now);
    }
  }
}
