import { NoScope, SCOPE_OPTIONS, SCOPE_TYPE, ScopeBase } from '../primitives/async-scope.ts';
import type { AsyncScope } from '../primitives/async-scope.ts';
import { TaskerError } from '../primitives/errors.ts';
import type { TaskerErrorCode } from '../primitives/errors.ts';
import type { Slotted } from '../primitives/fifo.ts';
import type { Cost } from '../primitives/gcra.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import type { TaskInfo, TaskState, WorkerRef } from '../primitives/task-info.ts';
import { adopt } from '../primitives/thenable.ts';
import type { Then } from '../primitives/thenable.ts';
import type { TaskRetry } from './retry-policy.ts';
import { idOf } from './task-id.ts';
import type { Ties } from './ties.ts';

/** The second argument of a task: the context of one run. Each run has its own. */
export interface TaskContext {
  /** Unique within the manager. */
  readonly id: string;
  /** The `name` option of the task. */
  readonly name: string | undefined;
  /** Aborts on a cancel, a timeout, the deadline and `kill()`. Made only when it is read. */
  readonly signal: AbortSignal;
  /** 1 on the first run, 2 on the first retry. */
  readonly attempt: number;
  /** The worker that runs the task. */
  readonly worker: WorkerRef;
  /**
   * Has the resource replaced after this task, whatever its outcome. May be destructured from the context and called
   * later.
   */
  readonly invalidate: (reason?: unknown) => void;
}

/**
 * A task as a function. It gets the resource of the worker that runs it, and is sync or async; a sync throw is a
 * rejection.
 */
export type TaskFunction<R, T> = (resource: R, context: TaskContext) => T | PromiseLike<T>;

/** A task as an object. */
export interface Tasker<R, T> {
  execute(resource: R, context: TaskContext): T | PromiseLike<T>;
}

/** A task: a function or a {@link Tasker}. */
export type Task<R, T> = TaskFunction<R, T> | Tasker<R, T>;

/** Options of one task. Durations are in milliseconds. An option that is absent or `undefined` has its default. */
export interface TaskOptions {
  /** Name of the task in events, errors and log messages, and for collectors. Default: none. */
  name?: string | undefined;
  /** Any value of your own. Events, errors, hooks and collectors get it in {@link TaskInfo}. Default: none. */
  meta?: unknown;
  /**
   * Aborting this signal cancels the waiting or running task; its promise rejects with `signal.reason`. Default: none.
   */
  signal?: AbortSignal | undefined;
  /** A finite number. Higher priorities go first; those above 0 use the priority queue. Default 0. */
  priority?: number | undefined;
  /** Longest time of one run, in ms; then the task fails with `TIMEOUT`. Default: the manager's `timeout`. */
  timeout?: number | undefined;
  /**
   * Longest wait before the first run, in ms; then the task fails with `QUEUE_TIMEOUT`. Default: the manager's
   * `queueTimeout`.
   */
  queueTimeout?: number | undefined;
  /**
   * Latest end of the task, including retries: ms from submission, or a `Date`, which is also compared with the wall
   * clock before each run; then the task fails with `DEADLINE`. Default: none.
   */
  deadline?: number | Date | undefined;
  /**
   * `false` = at most one run; an object overrides the manager's retry policy for this task. Default: the manager's
   * `retry`.
   */
  retry?: false | TaskRetry | undefined;
  /** Fairness group: keys of the same priority take turns; see `keyConcurrency` and `keyRate`. Default: none. */
  key?: string | undefined;
  /**
   * How much of `rate` and `keyRate` each run takes. A number counts for every limit; an object gives an amount for
   * each `unit`, such as `{ tokens: 1_200 }`, and 1 for the limits that it does not name. Finite, 0 or more; default 1.
   */
  cost?: Cost | undefined;
}

/** What a record is to the manager: a queued task, a `runTask` task, or a lease, which is in no metric. */
export type TaskKind = 'queued' | 'direct' | 'lease';

/** Where a task runs, as the task sees it. */
export interface TaskPlace {
  readonly ref: WorkerRef;
  /** When the task was started. */
  readonly startedAt: number;
  /** Replaces the resource once nobody uses it. */
  invalidate(reason: unknown): void;
  /** Keeps the place from others until the function has ended; `isAwaited` keeps the process alive meanwhile. */
  quarantine(isAwaited: boolean): void;
  /** Aborts the signal of the run. */
  abort(reason: unknown): void;
}

/**
 * What only some tasks have: options, timers, and what a retry remembers. A plain task does without, which keeps a
 * waiting one small.
 */
export class TaskExtras {
  kind: TaskKind = 'queued';
  priority = 0;
  isShared = false;
  name: string | undefined = undefined;
  meta: unknown = undefined;
  key: string | undefined = undefined;
  cost: Cost = 1;
  signal: AbortSignal | undefined = undefined;
  /** Ms; Infinity = no limit. So are the next two; `deadline` counts from submission. */
  timeout: number = Infinity;
  queueTimeout: number = Infinity;
  deadline: number = Infinity;
  /** The deadline by the wall clock, if it was given as a `Date`. */
  deadlineAt: number | undefined = undefined;
  retry: false | TaskRetry | undefined = undefined;
  /** Armed while the task waits for its first run. */
  queueTimer: unknown = undefined;
  /** Armed from submission to settlement. */
  deadlineTimer: unknown = undefined;
  /** Armed during one run. */
  runTimer: unknown = undefined;
  /** Armed during a backoff. */
  retryTimer: unknown = undefined;
  /** Runs that have ended and were followed by a retry, and of the last of them its error, start and end. */
  retriedRuns = 0;
  lastError: unknown = undefined;
  lastStartedAt: number | undefined = undefined;
  /** Runs in a row that ended in an overload; they are no attempts. */
  refusals = 0;
  failedAt = -1;
  /** The resource that failed the last run and was kept: the retry goes elsewhere if another one is free at that moment. */
  avoid: object | undefined = undefined;
  /** Its place among the retries: the order in which they came back to the queue. */
  entered = 0;
  /** Armed during a run: tells that it is stuck. */
  stuckTimer: unknown = undefined;
  /** Where it was submitted, as a stack trace; only where `stuckAfter` is on. */
  stack: string | undefined = undefined;
  /** What it has asked for from inside and who has asked for it; only where `stuckAfter` is on. */
  ties: Ties | undefined = undefined;

  /** The task is over: keeps only what names it, and what whoever watches it lets go of. */
  letGo(): void {
    if (this.isShared) return;
    this.meta = undefined;
    this.retry = undefined;
    this.lastError = undefined;
    this.avoid = undefined;
    this.stack = undefined;
    this.ties?.letGo();
    this.ties = undefined;
  }
}

function shared(kind: TaskKind, priority: number, retry: false | undefined): TaskExtras {
  const extras = new TaskExtras();
  extras.kind = kind;
  extras.priority = priority;
  extras.retry = retry;
  extras.isShared = true;
  return extras;
}

/**
 * Extras of all tasks without options of their own that are not plain: of `runTask`, with priority 1, never retried. They are not to
 * be changed, see {@link TaskRecord.ownExtras}.
 */
export const SHARED_EXTRAS: Record<'direct' | 'once' | 'high' | 'highOnce', TaskExtras> = {
  direct: shared('direct', 0, false),
  once: shared('queued', 0, false),
  high: shared('queued', 1, undefined),
  highOnce: shared('queued', 1, false),
};

/** What a settled task holds instead of its function and of the functions that settle its promise. */
const gone = (): void => {};

/** The scope of a task that is called in whichever context starts it, and of one that is over. */
export const NO_SCOPE: AsyncScope = new NoScope();

/**
 * One submitted task, from submission to settlement. Many may wait, so what only some need is in {@link TaskExtras}, and
 * the record is itself what remembers the async context of its submitter.
 *
 * ```
 *              ┌──────────── retry ───────────┐
 *              ▼                              │
 *   queued ─▶ (retrying) ─▶ running ──────────┤
 *     │            │           ├─▶ completed  │
 *     └────────────┴───────────┴─▶ failed, cancelled
 * ```
 *
 * `queued`, `retrying` and `running` are the open states; a task leaves them once, through {@link settle}.
 */
export class TaskRecord<R> extends ScopeBase implements Slotted {
  state: TaskState = 'queued';
  /** Set while it runs, and kept for the events of its end. */
  place: TaskPlace | undefined = undefined;
  extras: TaskExtras | undefined = undefined;
  slot = -1;
  readonly sequence: number;
  task: TaskFunction<R, unknown>;
  readonly queuedAt: number;
  /** In which the task is called instead of in the context in which the record was made, if it is not undefined. */
  scope: AsyncScope | undefined;
  promise: Promise<unknown> | undefined;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;

  constructor(
    sequence: number,
    task: TaskFunction<R, unknown>,
    queuedAt: number,
    scope: AsyncScope | undefined,
    promise: Promise<unknown>,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(SCOPE_TYPE, SCOPE_OPTIONS);
    this.sequence = sequence;
    this.task = task;
    this.queuedAt = queuedAt;
    this.scope = scope;
    this.promise = promise;
    this.resolve = resolve;
    this.reject = reject;
  }

  get kind(): TaskKind {
    return this.extras === undefined ? 'queued' : this.extras.kind;
  }

  get priority(): number {
    return this.extras === undefined ? 0 : this.extras.priority;
  }

  set priority(priority: number) {
    this.ownExtras.priority = priority;
  }

  /** Extras that are no other task's, to be changed. */
  get ownExtras(): TaskExtras {
    if (this.extras?.isShared === false) return this.extras;
    const own = new TaskExtras();
    if (this.extras !== undefined) {
      own.kind = this.extras.kind;
      own.priority = this.extras.priority;
      own.retry = this.extras.retry;
    }
    this.extras = own;
    return own;
  }

  /** Number of runs begun. */
  get attempt(): number {
    const retried = this.extras === undefined ? 0 : this.extras.retriedRuns;
    return this.place === undefined ? retried : retried + 1;
  }

  /** Start of the last run; undefined before the first. */
  get startedAt(): number | undefined {
    return this.place === undefined ? this.extras?.lastStartedAt : this.place.startedAt;
  }

  get id(): string {
    return idOf(this.sequence);
  }

  get key(): string | undefined {
    return this.extras?.key;
  }

  get cost(): Cost {
    return this.extras === undefined ? 1 : this.extras.cost;
  }

  /** Names it in messages: its id, and its name if it has one. */
  get label(): string {
    const name = this.extras?.name;
    return name === undefined ? this.id : `${this.id} ${JSON.stringify(name)}`;
  }

  get isWaiting(): boolean {
    return this.state === 'queued' || this.state === 'retrying';
  }

  get isOpen(): boolean {
    const { state } = this;
    return state === 'running' || state === 'queued' || state === 'retrying';
  }

  /** Enters `running`; only a waiting task may. */
  begin(place: TaskPlace): void {
    const { state } = this;
    if (state !== 'queued' && state !== 'retrying') throw new Error(notAllowed('start only while it waits', state));
    this.state = 'running';
    this.place = place;
  }

  /** Goes back to waiting after an unhealthy run, or one that was refused, which is no attempt; only a running task may. */
  retry(error: unknown, now: number, isRefused = false): TaskExtras {
    if (this.state !== 'running') throw new Error(notAllowed('be retried only after a run', this.state));
    this.state = 'retrying';
    const extras = this.ownExtras;
    if (isRefused) {
      extras.refusals++;
    } else {
      extras.retriedRuns++;
      extras.refusals = 0;
    }
    extras.lastStartedAt = this.place?.startedAt;
    extras.lastError = error;
    extras.failedAt = now;
    this.place = undefined;
    return extras;
  }

  /** Leaves the open states for good; false if it already had. The caller resolves or rejects next. */
  settle(state: 'completed' | 'failed' | 'cancelled'): boolean {
    if (this.state !== 'running' && !this.isWaiting) return false;
    this.state = state;
    return true;
  }

  /** What it will be rejected with is told otherwise: if nobody takes its promise, that must not end the process. */
  excuse(): void {
    this.promise?.catch(gone);
  }

  /**
   * It is settled, and its function has ended or will never begin. What is kept of it, such as a handle or a context,
   * holds nothing of its submitter's any more.
   */
  letGo(): void {
    this.emitDestroy?.();
    if (this.scope === undefined && this.extras === undefined) return; // nobody keeps it
    this.scope?.emitDestroy?.();
    this.scope = NO_SCOPE;
    this.task = gone;
    this.promise = undefined;
    this.resolve = gone;
    this.reject = gone;
    this.extras?.letGo();
  }

  /** Calls the task in the async context of its submitter. */
  call(resource: R, context: TaskContext): unknown {
    return (this.scope ?? this).runInAsyncScope(this.task, undefined, resource, context);
  }

  /** A promise of what a thenable that the task has returned settles with; its `then`, read before, is called likewise. */
  adopt(thenable: unknown, then: Then): Promise<unknown> {
    return adopt(thenable, then, this.scope ?? this);
  }

  /**
   * An error of ours that ends it: the message names the task, and the stack tells of its submission where `stuckAfter` is on.
   * `what` is what happened to the task, in words that follow its name.
   */
  error(
    code: TaskerErrorCode,
    what: string,
    options: { cause?: unknown } = {},
    state: TaskState = 'failed',
  ): TaskerError {
    const error = new TaskerError(code, `task ${this.label} ${what}`, { ...options, task: this.info(state) });
    const stack = this.extras?.stack;
    if (stack !== undefined) error.stack = `${error.stack ?? String(error)}\n${stack}`;
    return error;
  }

  /** A snapshot for errors, events and hooks; an error that is about to settle the task says how. */
  info(state: TaskState = this.state): TaskInfo {
    const { id, extras, place, priority, attempt, queuedAt } = this;
    if (
      extras !== undefined &&
      (extras.name !== undefined ||
        extras.key !== undefined ||
        extras.meta !== undefined ||
        extras.lastStartedAt !== undefined)
    ) {
      return this.longInfo(extras, state);
    }
    // Of most tasks, for each event: one literal is the least work.
    if (place === undefined) return { id, priority, attempt, state, queuedAt };
    return { id, priority, attempt, state, queuedAt, startedAt: place.startedAt, worker: place.ref };
  }

  private longInfo({ name, key, meta }: TaskExtras, state: TaskState): TaskInfo {
    const { startedAt, place } = this;
    const info: { -readonly [K in keyof TaskInfo]: TaskInfo[K] } = { id: this.id } as TaskInfo;
    if (name !== undefined) info.name = name;
    if (key !== undefined) info.key = key;
    if (meta !== undefined) info.meta = meta;
    info.priority = this.priority;
    info.attempt = this.attempt;
    info.state = state;
    info.queuedAt = this.queuedAt;
    if (startedAt !== undefined) info.startedAt = startedAt;
    if (place !== undefined) info.worker = place.ref;
    return info;
  }
}

function notAllowed(what: string, state: TaskState): string {
  return `a task may ${what}, this one is ${state}`;
}

/** What the function of a lease returns: it has no end of its own, but its holder lets it end. */
export interface Held {
  /** Calls `end` once, when the holder lets go, with what has gone wrong in its hands, if anything has. */
  whenReleased(end: (error?: unknown) => void): void;
}
