import { AbortWatch, reasonOf } from '../primitives/abort.ts';
import { ref, unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import type { TaskerError } from '../primitives/errors.ts';
import type { TaskExtras, TaskRecord } from './task.ts';

/** How a task ends before its function does. */
export type EarlyEnd = 'cancelled' | 'failed';

/**
 * Watches what may end a task early: its caller's signal and its three clocks. A task without any of them never
 * comes here. All it arms is disarmed by {@link leave}.
 *
 * ```
 *                submitted        first start          last end
 *   signal           ├───────────────────────────────────┤
 *   deadline         ├───────────────────────────────────┤
 *   queueTimeout     ├────────────────┤
 *   timeout                           ├──── each run ────┤
 * ```
 */
export class TaskWatch<R> {
  readonly #clock: Clock;
  /** The clock as it was given: what it throws at a submission rejects that task. */
  readonly #given: Clock;
  /** Tasks that are being armed, and what has ended them meanwhile. */
  readonly #entering = new Map<TaskRecord<R>, unknown[]>();
  readonly #end: (task: TaskRecord<R>, error: unknown, as: EarlyEnd) => void;
  readonly #signals: AbortWatch<TaskRecord<R>>;
  readonly #stuckAfter: number;
  readonly #stuck: (task: TaskRecord<R>) => void;

  /**
   * `end` settles the task and takes it out of wherever it is; `stuck` is told of a run longer than `stuckAfter`,
   * `signalFailed` what a signal throws that is not the task's submission.
   */
  constructor(
    clock: Clock,
    given: Clock,
    stuckAfter: number,
    end: (task: TaskRecord<R>, error: unknown, as: EarlyEnd) => void,
    stuck: (task: TaskRecord<R>) => void,
    signalFailed: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#given = given;
    this.#stuckAfter = stuckAfter;
    this.#stuck = stuck;
    this.#end = end;
    this.#signals = new AbortWatch((task, reason) => this.#finish(task, reason, 'cancelled'), signalFailed);
  }

  /**
   * A task with extras is about to be accepted. Throws what its signal or the clock throws, or what has ended it meanwhile,
   * such as the reason of its signal: then nothing is armed.
   */
  enter(task: TaskRecord<R>, extras: TaskExtras): void {
    const ends: unknown[] = [];
    this.#entering.set(task, ends);
    try {
      this.#arm(task, extras);
      if (ends.length > 0) throw ends[0];
    } catch (error) {
      task.settle('failed'); // a timer that cannot be disarmed finds nothing to end
      this.leave(task, extras);
      task.letGo();
      throw error;
    } finally {
      this.#entering.delete(task);
    }
  }

  #arm(task: TaskRecord<R>, extras: TaskExtras): void {
    const { signal } = extras;
    if (signal !== undefined && !this.#signals.watch(signal, task)) throw reasonOf(signal);
    if (extras.queueTimeout < Infinity) this.#armQueueTimer(this.#given, task, extras, extras.queueTimeout);
    if (extras.deadline < Infinity) {
      extras.deadlineTimer = this.#given.setTimeout(() => {
        extras.deadlineTimer = undefined;
        this.#finish(task, this.#deadline(task, extras), 'failed');
      }, extras.deadline);
    }
  }

  #armQueueTimer(clock: Clock, task: TaskRecord<R>, extras: TaskExtras, ms: number): void {
    extras.queueTimer = clock.setTimeout(
      () => {
        extras.queueTimer = undefined;
        this.#finish(task, this.#queueTimeout(task, extras), 'failed');
      },
      Math.max(0, ms),
    );
  }

  /** One that is not accepted yet is nowhere to be taken out of: see {@link enter}. */
  #finish(task: TaskRecord<R>, error: unknown, as: EarlyEnd): void {
    const ends = this.#entering.get(task);
    if (ends === undefined) this.#end(task, error, as);
    else ends.push(error);
  }

  /** The error of a clock that has run out although its timer has not fired yet; such a task must not start. */
  expired(task: TaskRecord<R>, extras: TaskExtras): TaskerError | undefined {
    if (extras.deadline === Infinity && extras.queueTimeout === Infinity) return undefined;
    const waited = this.#clock.now() - task.queuedAt;
    // The timers stand still while the computer sleeps, and know nothing of a clock that was set.
    const isPast = extras.deadlineAt !== undefined && extras.deadlineAt <= Date.now();
    if (isPast || extras.deadline <= waited) return this.#deadline(task, extras);
    // A queueTimeout of 0 means "now or never": the first dispatch comes some microseconds later, the timer after it.
    if (task.attempt === 0 && extras.queueTimeout > 0 && extras.queueTimeout < waited)
      return this.#queueTimeout(task, extras);
    return undefined;
  }

  /** A run begins. From now on the task keeps the process alive only by what it awaits itself, or by its `timeout`. */
  started(task: TaskRecord<R>, extras: TaskExtras): void {
    this.#clearQueueTimer(extras);
    if (extras.deadlineTimer !== undefined) unref(extras.deadlineTimer, 'running');
    if (this.#stuckAfter < Infinity) {
      extras.ties?.forget();
      extras.stuckTimer = this.#clock.setTimeout(() => {
        extras.stuckTimer = undefined;
        this.#stuck(task);
      }, this.#stuckAfter);
      unref(extras.stuckTimer);
    }
    // The signal of a lease concerns its wait only.
    if (task.kind === 'lease' && extras.signal !== undefined) this.#signals.unwatch(extras.signal, task);
    if (extras.timeout < Infinity) {
      extras.runTimer = this.#clock.setTimeout(() => {
        extras.runTimer = undefined;
        this.#end(task, task.error('TIMEOUT', `ran longer than its timeout, ${extras.timeout} ms`), 'failed');
      }, extras.timeout);
    }
  }

  /** The run has ended and the task waits again; one that was refused each time, as if it had never run. */
  retried(task: TaskRecord<R>, extras: TaskExtras): void {
    this.#clearRunTimers(extras);
    if (task.attempt === 0 && extras.queueTimeout < Infinity) {
      this.#armQueueTimer(this.#clock, task, extras, task.queuedAt + extras.queueTimeout - this.#clock.now());
    }
    if (extras.deadlineTimer !== undefined) ref(extras.deadlineTimer);
  }

  /** The task is settled. */
  leave(task: TaskRecord<R>, extras: TaskExtras): void {
    const { signal } = extras;
    if (signal !== undefined) {
      extras.signal = undefined; // not sooner: a kill inside the end of a task lets go of it before
      this.#signals.unwatch(signal, task);
    }
    this.#clearQueueTimer(extras);
    this.#clearRunTimers(extras);
    if (extras.deadlineTimer !== undefined) this.#clock.clearTimeout(extras.deadlineTimer);
    if (extras.retryTimer !== undefined) this.#clock.clearTimeout(extras.retryTimer);
    extras.deadlineTimer = undefined;
    extras.retryTimer = undefined;
  }

  #clearQueueTimer(extras: TaskExtras): void {
    if (extras.queueTimer === undefined) return;
    this.#clock.clearTimeout(extras.queueTimer);
    extras.queueTimer = undefined;
  }

  #clearRunTimers(extras: TaskExtras): void {
    if (extras.stuckTimer !== undefined) {
      this.#clock.clearTimeout(extras.stuckTimer);
      extras.stuckTimer = undefined;
    }
    if (extras.runTimer === undefined) return;
    this.#clock.clearTimeout(extras.runTimer);
    extras.runTimer = undefined;
  }

  #queueTimeout(task: TaskRecord<R>, extras: TaskExtras): TaskerError {
    return task.error('QUEUE_TIMEOUT', `waited longer than its queueTimeout, ${extras.queueTimeout} ms`);
  }

  #deadline(task: TaskRecord<R>, extras: TaskExtras): TaskerError {
    const { deadline, deadlineAt, lastError } = extras;
    const when = deadlineAt === undefined ? `${deadline} ms after its submission` : new Date(deadlineAt).toISOString();
    return task.error('DEADLINE', `passed its deadline, ${when}`, lastError === undefined ? {} : { cause: lastError });
  }
}
