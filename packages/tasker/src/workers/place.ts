import { ref, unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { WorkerRef } from '../primitives/task-info.ts';
import { nativeThen, thenOf } from '../primitives/thenable.ts';
import type { Then } from '../primitives/thenable.ts';
import type { DestroyReason, Resource } from '../resources/resource.ts';
import { RunContext } from '../tasks/run-context.ts';
import type { Held, TaskPlace, TaskRecord } from '../tasks/task.ts';

/**
 * - `free`: no function runs here.
 * - `busy`: a task runs.
 * - `quarantined`: the task is settled (cancelled, timed out) but its function has not ended; nobody else gets the place. Left
 *   when the function ends, or after `abandonAfter`.
 * - `abandoned`: final; what the function does is ignored and the resource is replaced.
 *
 * ```
 *           run                settled early           the function ends
 *   free ─────────▶ busy ──────────────────▶ quarantined ──────────▶ free
 *    ▲              │ │ ▲                        │
 *    └── it ends ───┘ │ └─ the next task         │ abandonAfter, kill
 *                     └───────── kill ───────────┴──▶ abandoned
 * ```
 */
export type PlaceState = 'free' | 'busy' | 'quarantined' | 'abandoned';

const NEXT: Record<PlaceState, readonly PlaceState[]> = {
  free: ['busy'],
  busy: ['busy', 'free', 'quarantined', 'abandoned'],
  quarantined: ['free', 'abandoned'],
  abandoned: [],
};

/**
 * Where a worker runs one task at a time. The place holds the closures that every run ends in, so that a run makes none.
 *
 * Invariant: `task` is the one whose function runs here; undefined while the place is free, and once it is abandoned.
 */
export class Place<R> implements TaskPlace {
  task: TaskRecord<R> | undefined = undefined;
  /** When that task was started; written by whoever starts it. */
  startedAt = 0;
  readonly worker: PlaceWorker<R>;
  private readonly runs: Runs<R>;
  /** Written by {@link enter} only. */
  state: PlaceState = 'free';
  private context: RunContext | undefined = undefined;
  /** Armed while it is quarantined. */
  private timer: unknown = undefined;

  constructor(worker: PlaceWorker<R>, runs: Runs<R>) {
    this.worker = worker;
    this.runs = runs;
  }

  get ref(): WorkerRef {
    return this.worker.ref;
  }

  invalidate(reason: unknown): void {
    this.worker.resource.invalidate(reason);
  }

  /** The resource has died under the running function: its signal aborts, its error is judged as usual. */
  warn(reason: unknown): void {
    if (this.task?.state === 'running') this.abort(reason);
  }

  /** Calls the function of a task that begins here. How it ends goes to {@link Runs}, maybe inside this call. */
  run(task: TaskRecord<R>): void {
    if (this.state === 'free') this.state = 'busy';
    else if (this.state !== 'busy') this.enter('busy'); // which is not allowed
    this.task = task;
    const context = new RunContext(task, this);
    this.context = context;
    let result: unknown;
    let then: Then | undefined;
    try {
      result = task.call(this.worker.resource.value, context);
      then = thenOf(result); // once: a thenable may be another one at the second look, or call back twice
    } catch (error) {
      this.fail(error);
      return;
    }
    if (then === nativeThen) then?.call(result, this.succeed, this.fail);
    else this.await(task, result, then);
  }

  /** The end of a run that has given no promise of the runtime's own. */
  private await(task: TaskRecord<R>, result: unknown, then: Then | undefined): void {
    if (then !== undefined) task.adopt(result, then).then(this.succeed, this.fail);
    else if (task.extras?.kind === 'lease') (result as Held).whenReleased(this.letGo);
    else this.succeed(result);
  }

  /** The function has ended: the place is free. */
  leave(): void {
    if (this.state === 'busy') this.state = 'free';
    else this.enter('free');
    this.context = undefined;
    this.clear();
  }

  /** The function is waited for no more. It can still be told so by {@link abort}. */
  abandon(): void {
    this.enter('abandoned');
    this.clear();
  }

  /** Its task is about to be settled while its function runs: waits for the function, for a while. */
  quarantine(isAwaited: boolean): void {
    this.enter('quarantined');
    this.timer = this.runs.clock.setTimeout(() => this.runs.overdue(this), this.runs.abandonAfter);
    if (!isAwaited) unref(this.timer, 'running');
  }

  /** A shutdown waits for the function: keeps the process alive until it ends or is given up. */
  awaitFunction(): void {
    if (this.timer !== undefined) ref(this.timer);
  }

  /** Tells the function that nobody waits for it. Listeners of the signal may do anything: call it last. */
  abort(reason: unknown): void {
    if (this.context !== undefined) RunContext.abort(this.context, reason);
  }

  private clear(): void {
    this.task = undefined;
    if (this.timer === undefined) return;
    this.runs.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private enter(state: PlaceState): void {
    if (!NEXT[this.state].includes(state)) throw new Error(`a place cannot go from ${this.state} to ${state}`);
    this.state = state;
  }

  private readonly succeed = (value: unknown): void => {
    const { task } = this;
    if (task === undefined) return; // abandoned
    if (((typeof value === 'object' && value !== null) || typeof value === 'function') && isUnsettled(value)) {
      this.fail(new TypeError('the task returned a value that became a thenable after it was looked at'));
    } else {
      this.runs.succeeded(this, task, value);
    }
  };

  private readonly fail = (error: unknown): void => {
    if (this.task !== undefined) this.runs.failed(this, this.task, error);
  };

  /** A lease counts no more at once. Its place is free in a microtask, so that no task starts inside the holder's call. */
  private readonly letGo = (error?: unknown): void => {
    const { task } = this;
    if (task === undefined) return;
    this.runs.released(this, task, error);
    inMicrotask(() => {
      if (this.task !== undefined) this.runs.succeeded(this, this.task, undefined);
    });
  };
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
export interface PlaceWorker<R> {
  readonly ref: WorkerRef;
  readonly resource: Resource<R>;
  /** Whether a task may follow another one at once. */
  readonly goesOn: boolean;
  readonly isLookedAfter: boolean;
  /** Whether one may where the worker is looked after; calls a hook. {@link goOn} is to be called if one does. */
  refresh(now: number): boolean;
  goOn(): void;
  retire(reason: DestroyReason, cause?: unknown): void;
  /** The place is free. */
  rested(place: Place<R>, now: number): void;
}

/** Callbacks of {@link Place}: how runs end. */
export interface Runs<R> {
  readonly clock: Clock;
  /** How long the function of a settled task is waited for, in ms. */
  readonly abandonAfter: number;
  /** The function has returned, or its promise is fulfilled. */
  succeeded(place: Place<R>, task: TaskRecord<R>, value: unknown): void;
  /** The function has thrown, or its promise is rejected. */
  failed(place: Place<R>, task: TaskRecord<R>, error: unknown): void;
  /** A lease is given back, with an error if it is not undefined; {@link succeeded} follows when its place is free. */
  released(place: Place<R>, lease: TaskRecord<R>, error: unknown): void;
  /** `abandonAfter` has passed since {@link Place.quarantine}. */
  overdue(place: Place<R>): void;
}
