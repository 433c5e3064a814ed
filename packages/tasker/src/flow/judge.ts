import { fullJitter, requireDelay } from '../primitives/backoff.ts';
import { messageOf } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import type { LoadEstimator } from '../scaling/estimator.ts';
import { RetryBudget } from '../tasks/retry-policy.ts';
import type { RetryPolicy } from '../tasks/retry-policy.ts';
import type { EarlyEnd, TaskWatch } from '../tasks/task-watch.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { toVerdict } from '../tasks/verdict.ts';
import type { Verdict } from '../tasks/verdict.ts';
import type { PlaceOwner, Runs } from '../workers/place.ts';
import type { Ledger } from '../reports/ledger.ts';
import type { Reporter } from '../reports/reporter.ts';

/** Backoff of a retry on a resource that was kept. */
const KEPT_BACKOFF = fullJitter({ initial: 100, max: 5_000 });

/** Judges how runs end: success, failure, retry, early end. The same for queued tasks and for `runTask`. */
export class Judge<R> implements Runs<R> {
  readonly clock: Clock;
  readonly abandonAfter: number;
  readonly #options: JudgeOptions<R>;
  readonly #ledger: Ledger<R>;
  readonly #load: LoadEstimator;
  readonly #watch: TaskWatch<R>;
  readonly #reporter: Reporter;
  readonly #owner: JudgeOwner<R>;
  readonly #budget: RetryBudget | undefined;

  constructor(
    options: JudgeOptions<R>,
    ledger: Ledger<R>,
    load: LoadEstimator,
    watch: TaskWatch<R>,
    reporter: Reporter,
    owner: JudgeOwner<R>,
  ) {
    this.clock = options.clock;
    this.abandonAfter = options.abandonAfter;
    this.#options = options;
    this.#ledger = ledger;
    this.#load = load;
    this.#watch = watch;
    this.#reporter = reporter;
    this.#owner = owner;
    this.#budget = options.retry.budget && new RetryBudget(options.retry.budget);
  }

  /** A task was accepted. */
  accepted(task: TaskRecord<R>): void {
    if (task.kind !== 'lease') this.#budget?.arrived(task.queuedAt);
    this.#ledger.accepted(task); // last: a collector may do anything, even kill the manager
  }

  started(task: TaskRecord<R>, now: number): void {
    if (task.extras !== undefined) {
      task.extras.avoid = undefined;
      this.#watch.started(task, task.extras);
    }
    if (task.kind !== 'direct') this.#load.started(now);
    this.#ledger.started(task);
  }

  succeeded(task: TaskRecord<R>, value: unknown, now: number): void {
    this.#ledger.completed(task, value, now);
    this.#settled(task);
  }

  failed(task: TaskRecord<R>, error: unknown, worker: PlaceOwner<R>, now: number): void {
    const verdict = this.#judge(task, error, worker);
    if (task.state !== 'running') return; // `checkHealth` cancelled it or killed the manager
    if (verdict.task === 'fail' || task.extras?.retry === false) {
      this.fail(task, error, now);
    } else {
      this.#retry(task, error, verdict, worker, now);
    }
  }

  /** Of a lease only the resource is judged: there is nobody to tell of more, and nothing to run again. */
  released(lease: TaskRecord<R>, error: unknown, worker: PlaceOwner<R>, now: number): void {
    if (error !== undefined) this.#judge(lease, error, worker);
    if (lease.state === 'running') this.succeeded(lease, undefined, now); // else `checkHealth` has killed the manager
  }

  /** Settles a task that waits or runs with an error of its own or of ours. */
  fail(task: TaskRecord<R>, error: unknown, now: number): void {
    this.#ledger.failed(task, error, now);
    this.#settled(task);
  }

  /** Settles an open task before its function has ended, or before it began. */
  endEarly(task: TaskRecord<R>, error: unknown, as: EarlyEnd): void {
    if (as === 'failed') this.#ledger.failed(task, error, this.clock.now());
    else this.#ledger.cancelled(task, error);
    this.#settled(task);
  }

  /** Settles a task that the queue has no room for: it never arrived. */
  refuse(task: TaskRecord<R>, error: unknown): void {
    task.settle('cancelled');
    this.#ledger.refused(task, error);
    this.#settled(task);
  }

  /** Settles a waiting task that is pushed out of the queue. */
  drop(task: TaskRecord<R>, error: unknown): void {
    this.#ledger.dropped(task, error);
    this.#settled(task);
  }

  /** Settles a waiting task that nobody wants any more. */
  clear(task: TaskRecord<R>, error: unknown): void {
    this.#ledger.cleared(task, error);
    this.#settled(task);
  }

  ended(task: TaskRecord<R>, now: number): void {
    if (task.kind === 'direct') return;
    this.#load.ended(task.startedAt ?? now, now);
    if (task.key !== undefined) this.#owner.keyLeft(task.key);
  }

  proven(openedAt: number): void {
    this.#owner.proven(openedAt);
  }

  quarantineBegan(): void {
    this.#ledger.quarantineBegan();
  }

  quarantineEnded(): void {
    this.#ledger.quarantineEnded();
  }

  abandoned(task: TaskRecord<R>): void {
    this.#ledger.abandoned(task);
  }

  /** Its signal and clocks can end it no more. Last, since a signal is not ours, and may do anything when it is left. */
  #settled(task: TaskRecord<R>): void {
    if (task.extras !== undefined) this.#watch.leave(task, task.extras);
    if (task.place === undefined) task.letGo(); // else its place does, once the function has ended
  }

  /** Asks `checkHealth`, and has a sick resource replaced. */
  #judge(task: TaskRecord<R>, error: unknown, worker: PlaceOwner<R>): Verdict {
    const { checkHealth } = this.#options;
    if (checkHealth === undefined) return toVerdict(true);
    const { value, isInvalidated } = worker.resource;
    const info = { resource: value, task: task.info(), invalidated: isInvalidated };
    const verdict = this.#reporter.guarded('checkHealth', () => toVerdict(checkHealth(error, info)), toVerdict(true));
    if (verdict.resource === 'replace') worker.retire('sick', error);
    return verdict;
  }

  #retry(task: TaskRecord<R>, error: unknown, verdict: Verdict, worker: PlaceOwner<R>, now: number): void {
    const own = task.extras?.retry || undefined;
    const policy = this.#options.retry;
    const maxRetries = own?.maxRetries ?? policy.maxRetries;
    const isExhausted = task.attempt > maxRetries;
    if (isExhausted || this.#budget?.spend(now) === false) {
      const why = isExhausted
        ? ` of ${task.attempt}, as maxRetries is ${maxRetries}`
        : ', and the retry budget is spent';
      const what = `was unhealthy on run ${task.attempt}${why}: ${messageOf(error)}`;
      this.fail(task, task.error('RETRIES_EXHAUSTED', what, { cause: error }), now);
      return;
    }
    const delay = this.#delay(task, verdict, own?.backoff ?? policy.backoff);
    if (task.state !== 'running') return; // `backoff` cancelled it or killed the manager
    task.retry(error, now);
    if (task.extras !== undefined) {
      task.extras.avoid = verdict.resource === 'keep' ? worker.resource : undefined;
      this.#watch.retried(task.extras);
    }
    this.#owner.requeue(task, delay);
    this.#ledger.retried(task, error, delay); // last: a collector may do anything, even kill the manager
  }

  #delay(task: TaskRecord<R>, verdict: Verdict, backoff: ((attempt: number) => number) | undefined): number {
    if (verdict.after !== undefined) return verdict.after;
    const standard = verdict.resource === 'keep' ? KEPT_BACKOFF(task.attempt) : 0;
    if (backoff === undefined) return standard;
    return this.#reporter.guarded('backoff', () => requireDelay(backoff(task.attempt)), standard);
  }
}

/** The second argument of `checkHealth`. */
export interface HealthInfo<R> {
  /** The resource that the task has used. */
  readonly resource: R;
  /** The task that has failed. */
  readonly task: TaskInfo;
  /** Whether `invalidate()` has reported that the resource has died; the error may follow from that. */
  readonly invalidated: boolean;
}

/** The part of the configuration that concerns how runs end. */
export interface JudgeOptions<R> {
  readonly clock: Clock;
  readonly abandonAfter: number;
  readonly checkHealth: ((error: unknown, info: HealthInfo<R>) => boolean | Verdict) | undefined;
  readonly retry: {
    readonly maxRetries: number;
    readonly backoff?: RetryPolicy['backoff'];
    readonly budget?: RetryPolicy['budget'];
  };
}

/** What the end of a run sets off outside. */
export interface JudgeOwner<R> {
  /** A task shall run again after `delay` ms. */
  requeue(task: TaskRecord<R>, delay: number): void;
  /** A task of that key has ended a run. */
  keyLeft(key: string): void;
  /** A resource that came up at `openedAt` is used for the first time. */
  proven(openedAt: number): void;
}
