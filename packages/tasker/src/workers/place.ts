import { ref, unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { WorkerRef } from '../primitives/task-info.ts';
import { isObjectLike, nativeThen, thenOf } from '../primitives/thenable.ts';
import type { DestroyReason, Resource } from '../resources/resource.ts';
import { RunContext } from '../tasks/run-context.ts';
import type { Held, TaskPlace, TaskRecord } from '../tasks/task.ts';

/**
 * Where a worker runs one task at a time. The place holds the two closures that every run ends in, so that a run
 * makes none.
 *
 * - free: `task` is undefined.
 * - busy: a task runs.
 * - quarantined: the task is settled (cancelled, timed out) but its function has not ended; nobody else gets the
 *   place. Left when the function ends, or after `abandonAfter` for:
 * - abandoned: final; what the function does is ignored and the resource is replaced.
 */
export class Place<R> implements TaskPlace {
  task: TaskRecord<R> | undefined = undefined;
  readonly worker: PlaceOwner<R>;
  readonly #runs: Runs<R>;
  #context: RunContext<R> | undefined = undefined;
  #isQuarantined = false;
  #isAbandoned = false;
  #abandonTimer: unknown = undefined;

  constructor(worker: PlaceOwner<R>, runs: Runs<R>) {
    this.worker = worker;
    this.#runs = runs;
  }

  get ref(): WorkerRef {
    return this.worker.ref;
  }

  get isQuarantined(): boolean {
    return this.#isQuarantined;
  }

  invalidate(reason: unknown): void {
    this.worker.resource.invalidate(reason);
  }

  /** The resource has died under the running function: its signal aborts, its error is judged as usual. */
  warn(reason: unknown): void {
    if (this.task?.state === 'running') this.abort(reason);
  }

  /** Runs a waiting task. What it throws or rejects with is judged, not thrown here. */
  run(task: TaskRecord<R>, now: number): void {
    const { resource } = this.worker;
    resource.join();
    if (resource.uses === 1) this.#runs.proven(resource.createdAt);
    this.#start(task, now);
  }

  /** Runs one more task on the resource that has just been used for another, without letting go of it. */
  runNext(task: TaskRecord<R>, now: number): void {
    this.worker.resource.uses++;
    this.#start(task, now);
  }

  #start(task: TaskRecord<R>, now: number): void {
    this.task = task;
    task.begin(this, now);
    this.#runs.started(task, now);
    const context = new RunContext(task, this);
    this.#context = context;
    let result: unknown;
    try {
      result = task.call(this.worker.resource.value, context);
      if (task.kind === 'lease') {
        (result as Held).whenReleased(this.#letGo);
        return;
      }
      // Read once: a thenable may be another one at the second look, or call back twice.
      const then = thenOf(result);
      if (then !== undefined) {
        if (then === nativeThen) then.call(result, this.#succeed, this.#fail);
        else task.adopt(result, then).then(this.#succeed, this.#fail);
        return;
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#succeed(result);
  }

  /** Its task is about to be settled while its function runs: wait for the function, for a while. */
  quarantine(isAwaited: boolean): void {
    this.#isQuarantined = true;
    this.#runs.quarantineBegan();
    this.#abandonTimer = this.#runs.clock.setTimeout(() => this.#abandon(), this.#runs.abandonAfter);
    if (!isAwaited) unref(this.#abandonTimer, 'running');
  }

  /** Tells the function that nobody waits for it. Listeners of the signal may do anything: call it last. */
  abort(reason: unknown): void {
    if (this.#context !== undefined) RunContext.abort(this.#context, reason);
  }

  /** A shutdown waits for the function: keep the process alive until it ends or is given up. */
  awaitFunction(): void {
    if (this.#abandonTimer !== undefined) ref(this.#abandonTimer);
  }

  /** `kill()`: its task was settled, and its function is not waited for. */
  giveUp(reason: unknown): void {
    const context = this.#context;
    const task = this.task;
    if (task === undefined) return;
    this.#isAbandoned = true;
    this.#release(task, this.#runs.clock.now());
    this.#runs.abandoned(task);
    if (context !== undefined) RunContext.abort(context, reason);
  }

  #abandon(): void {
    const task = this.task;
    if (task === undefined) return;
    this.#isAbandoned = true;
    this.#release(task, this.#runs.clock.now());
    this.#runs.abandoned(task);
    this.worker.retire('abandoned');
    this.worker.resource.leave();
  }

  readonly #succeed = (value: unknown): void => {
    const task = this.task;
    if (task === undefined || this.#isAbandoned) return;
    if (isObjectLike(value) && isUnsettled(value)) {
      this.#fail(new TypeError('the task returned a value that became a thenable after it was looked at'));
      return;
    }
    const now = this.#runs.clock.now();
    if (task.state === 'running') this.#runs.succeeded(task, value, now);
    this.#end(task, now);
  };

  readonly #fail = (error: unknown): void => {
    const task = this.task;
    if (task === undefined || this.#isAbandoned) return;
    const now = this.#runs.clock.now();
    if (task.state === 'running') this.#runs.failed(task, error, this.worker, now);
    this.#end(task, now);
  };

  /** A lease counts no more at once. Its place is free in a microtask, so that no task starts inside the holder's call. */
  readonly #letGo = (error?: unknown): void => {
    const task = this.task;
    if (task === undefined || this.#isAbandoned) return;
    if (task.state === 'running') this.#runs.released(task, error, this.worker, this.#runs.clock.now());
    inMicrotask(() => this.#end(task, this.#runs.clock.now()));
  };

  #end(task: TaskRecord<R>, now: number): void {
    if (this.#isAbandoned) return; // killed by what the end of the run has set off
    this.#release(task, now);
    this.worker.rested(this, now);
  }

  #release(task: TaskRecord<R>, now: number): void {
    this.task = undefined;
    this.#context = undefined;
    this.#runs.ended(task, now);
    if (!task.isOpen) task.letGo();
    if (this.#isQuarantined) this.#leaveQuarantine();
  }

  #leaveQuarantine(): void {
    this.#isQuarantined = false;
    this.#runs.clock.clearTimeout(this.#abandonTimer);
    this.#abandonTimer = undefined;
    this.#runs.quarantineEnded();
  }
}

/** Whether a promise would follow the value for good: its `then` is not what it was. */
function isUnsettled(value: object): boolean {
  try {
    return 'then' in value && typeof value.then === 'function';
  } catch {
    return true;
  }
}

/** The worker that a place belongs to, as the place sees it. */
export interface PlaceOwner<R> {
  readonly ref: WorkerRef;
  readonly resource: Resource<R>;
  retire(reason: DestroyReason, cause?: unknown): void;
  /** The place is free again. */
  rested(place: Place<R>, now: number): void;
}

/** Who judges the runs: told of each start and end. */
export interface Runs<R> {
  readonly clock: Clock;
  /** Grace of a function whose task is settled. */
  readonly abandonAfter: number;
  started(task: TaskRecord<R>, now: number): void;
  succeeded(task: TaskRecord<R>, value: unknown, now: number): void;
  failed(task: TaskRecord<R>, error: unknown, worker: PlaceOwner<R>, now: number): void;
  /** A lease is given back, with an error if it is not undefined. */
  released(lease: TaskRecord<R>, error: unknown, worker: PlaceOwner<R>, now: number): void;
  /** The function has ended, or was given up: its place is free. */
  ended(task: TaskRecord<R>, now: number): void;
  /** A resource that came up at `openedAt` is used for the first time. */
  proven(openedAt: number): void;
  quarantineBegan(): void;
  quarantineEnded(): void;
  abandoned(task: TaskRecord<R>): void;
}
