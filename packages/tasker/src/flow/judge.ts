import { fullJitter, requireDelay } from '../primitives/backoff.ts';
import { messageOf } from '../primitives/check.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import type { Resource } from '../resources/resource.ts';
import { RetryBudget } from '../tasks/retry-policy.ts';
import type { RetryPolicy } from '../tasks/retry-policy.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { HEALTHY, toDecision } from '../tasks/verdict.ts';
import type { Decision, OverloadVerdict, Verdict } from '../tasks/verdict.ts';
import type { Reporter } from '../reports/reporter.ts';

/** Backoff of a retry on a resource that was kept. */
const KEPT_BACKOFF = fullJitter({ initial: 100, max: 5_000 });

/** What follows from an error of a task: it fails with `error`, or runs again after `delay` ms. */
export type Judgement = (
  | { readonly task: 'fail'; readonly error: unknown }
  | { readonly task: 'retry'; readonly delay: number }
) & { readonly isSick: boolean; readonly overload: Overload | undefined };

/** What is behind the resources has too much to do: nothing, or nothing of that key, is to start for so many ms; 0 = it has not said. */
export interface Overload {
  readonly pause: number;
  readonly key: string | undefined;
}

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
    const decision = this.decide(task, error, resource);
    const isSick = decision.resource === 'replace';
    const overload = this.overload(decision, task);
    if (decision.task === 'fail' || task.extras?.retry === false) return { task: 'fail', error, isSick, overload };
    if (overload !== undefined) {
      return { task: 'retry', delay: overload.pause || this.#refusedDelay(task), isSick, overload };
    }
    const own = task.extras?.retry || undefined;
    const maxRetries = own?.maxRetries ?? this.#options.retry.maxRetries;
    const isExhausted = task.attempt > maxRetries;
    if (isExhausted || (task.state === 'running' && this.#budget?.spend(now) === false)) {
      const why = isExhausted
        ? ` of ${task.attempt}, as maxRetries is ${maxRetries}`
        : ', and the retry budget is spent';
      const what = `was unhealthy on run ${task.attempt}${why}: ${messageOf(error)}`;
      return { task: 'fail', error: task.error('RETRIES_EXHAUSTED', what, { cause: error }), isSick, overload };
    }
    const delay = decision.after ?? this.#backoff(task, task.attempt, isSick);
    return { task: 'retry', delay, isSick, overload };
  }

  /** What `checkHealth` says; without one the resource is fit, and the task fails. */
  decide(task: TaskRecord<R>, error: unknown, { value, isInvalidated }: Resource<R>): Decision {
    const { checkHealth } = this.#options;
    if (checkHealth === undefined) return HEALTHY;
    const info = { resource: value, task: task.info(), invalidated: isInvalidated };
    const decision = this.#reporter.guarded('checkHealth', askHealth<R>, HEALTHY, checkHealth, error, info);
    if (decision.mistake !== undefined) this.#reporter.failed('checkHealth', decision.mistake);
    return decision;
  }

  /** The overload that a decision tells of. */
  overload({ overload, after = 0 }: Decision, task: TaskRecord<R>): Overload | undefined {
    if (overload === undefined) return undefined;
    const key = overload === 'key' ? task.key : undefined;
    return { pause: after === 0 && key !== undefined ? this.#refusedDelay(task) : after, key };
  }

  #refusedDelay(task: TaskRecord<R>): number {
    return this.#backoff(task, (task.extras?.refusals ?? 0) + 1, false);
  }

  #backoff(task: TaskRecord<R>, attempt: number, isSick: boolean): number {
    const own = task.extras?.retry || undefined;
    const backoff = own?.backoff ?? this.#options.retry.backoff;
    const standard = isSick ? 0 : KEPT_BACKOFF(attempt);
    if (backoff === undefined || task.state !== 'running') return standard; // `checkHealth` has ended it
    return this.#reporter.guarded('backoff', () => requireDelay(backoff(attempt)), standard);
  }
}

function askHealth<R>(checkHealth: CheckHealth<R>, error: unknown, info: HealthInfo<R>): Decision {
  return toDecision(checkHealth(error, info));
}

type CheckHealth<R> = (error: unknown, info: HealthInfo<R>) => boolean | Verdict | OverloadVerdict;

/** The second argument of `checkHealth`. */
export interface HealthInfo<R> {
  /** The resource that the task used. */
  readonly resource: R;
  /** The task that failed. */
  readonly task: TaskInfo;
  /** Whether `invalidate()` has reported that the resource has died; the error may be a consequence. */
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
