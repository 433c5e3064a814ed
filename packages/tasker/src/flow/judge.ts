import { fullJitter, requireDelay } from '../primitives/backoff.ts';
import { messageOf } from '../primitives/check.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import type { Resource } from '../resources/resource.ts';
import { RetryBudget } from '../tasks/retry-policy.ts';
import type { RetryPolicy } from '../tasks/retry-policy.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { HEALTHY, toVerdict } from '../tasks/verdict.ts';
import type { Verdict } from '../tasks/verdict.ts';
import type { Reporter } from '../reports/reporter.ts';

/** Backoff of a retry on a resource that was kept. */
const KEPT_BACKOFF = fullJitter({ initial: 100, max: 5_000 });

/** What follows from an error of a task: it fails with `error`, or runs again after `delay` ms. */
export type Judgement =
  | { readonly task: 'fail'; readonly error: unknown; readonly isSick: boolean }
  | { readonly task: 'retry'; readonly delay: number; readonly isSick: boolean };

/** Judges errors: asks `checkHealth`, the retry policy and its budget, and does nothing itself. */
export class Judge<R> {
  readonly #options: JudgeOptions<R>;
  readonly #reporter: Reporter;
  readonly #budget: RetryBudget | undefined;
  /** Whether arrivals are to be told. */
  readonly hasBudget: boolean;

  constructor(options: JudgeOptions<R>, reporter: Reporter) {
    this.#options = options;
    this.#reporter = reporter;
    this.#budget = options.retry.budget && new RetryBudget(options.retry.budget);
    this.hasBudget = this.#budget !== undefined;
  }

  /** A task was taken in: retries are paid from arrivals. */
  arrived({ kind, queuedAt }: TaskRecord<R>): void {
    if (kind !== 'lease') this.#budget?.arrived(queuedAt);
  }

  /** What an error of a running task means for both, the resource and the task. Hooks may have ended the task when this returns. */
  judge(task: TaskRecord<R>, error: unknown, resource: Resource<R>, now: number): Judgement {
    const verdict = this.verdict(task, error, resource);
    const isSick = verdict.resource === 'replace';
    if (verdict.task === 'fail' || task.extras?.retry === false) return { task: 'fail', error, isSick };
    const own = task.extras?.retry || undefined;
    const maxRetries = own?.maxRetries ?? this.#options.retry.maxRetries;
    const isExhausted = task.attempt > maxRetries;
    if (isExhausted || (task.state === 'running' && this.#budget?.spend(now) === false)) {
      const why = isExhausted
        ? ` of ${task.attempt}, as maxRetries is ${maxRetries}`
        : ', and the retry budget is spent';
      const what = `was unhealthy on run ${task.attempt}${why}: ${messageOf(error)}`;
      return { task: 'fail', error: task.error('RETRIES_EXHAUSTED', what, { cause: error }), isSick };
    }
    return { task: 'retry', delay: this.#delay(task, verdict, own?.backoff ?? this.#options.retry.backoff), isSick };
  }

  /** What `checkHealth` says; without one the resource is fit, and the task fails. */
  verdict(task: TaskRecord<R>, error: unknown, { value, isInvalidated }: Resource<R>): Verdict {
    const { checkHealth } = this.#options;
    if (checkHealth === undefined) return HEALTHY;
    const info = { resource: value, task: task.info(), invalidated: isInvalidated };
    return this.#reporter.guarded('checkHealth', askHealth<R>, HEALTHY, checkHealth, error, info);
  }

  #delay(task: TaskRecord<R>, verdict: Verdict, backoff: ((attempt: number) => number) | undefined): number {
    if (verdict.after !== undefined) return verdict.after;
    const standard = verdict.resource === 'keep' ? KEPT_BACKOFF(task.attempt) : 0;
    if (backoff === undefined || task.state !== 'running') return standard; // `checkHealth` has ended it
    return this.#reporter.guarded('backoff', () => requireDelay(backoff(task.attempt)), standard);
  }
}

function askHealth<R>(checkHealth: CheckHealth<R>, error: unknown, info: HealthInfo<R>): Verdict {
  return toVerdict(checkHealth(error, info));
}

type CheckHealth<R> = (error: unknown, info: HealthInfo<R>) => boolean | Verdict;

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
  readonly checkHealth: CheckHealth<R> | undefined;
  readonly retry: {
    readonly maxRetries: number;
    readonly backoff?: RetryPolicy['backoff'];
    readonly budget?: RetryPolicy['budget'];
  };
}
