import { describe, timeOf } from '../primitives/check.ts';
import { ignoreRejection } from '../primitives/thenable.ts';

/** A decision of `checkHealth` about the resource and, separately, about the task. */
export interface Verdict {
  /** Whether the resource is kept or replaced. */
  resource: 'keep' | 'replace';
  /** Whether the task fails with its error or, if it may be, is retried. */
  task: 'fail' | 'retry';
  /**
   * When the task is retried: after this many milliseconds, or at a date. Overrides the backoff of the retry policy.
   * See {@link retryAfter}.
   */
  after?: number | Date | undefined;
  /**
   * Whether the service behind the resource has refused the run because it has too much to do, as an API does with a
   * 429. Such a run does not count as an attempt, and a task to be retried comes first among those of its priority.
   * Default false.
   *
   * With `after` above 0 the manager starts no task until then, `runTask` included; with `'key'` it starts no task of
   * the same key. Without `after` the backoff applies to the task, or with `'key'` to its key; and with `true` at most
   * three quarters of the tasks that run now may run at once, until the load has fallen or throughput shows that more
   * get more done. For a task without a key, such as any of `runTask`, `'key'` means `true`.
   */
  overload?: boolean | 'key' | undefined;
}

/**
 * A {@link Verdict} that may leave out the other fields. By default an overload keeps the resource and retries the
 * task; without one (`overload: false`) the resource is kept and the task fails.
 */
export type OverloadVerdict = Partial<Verdict> & { overload: boolean | 'key' };

/** A verdict as it was understood. */
export interface Decision extends Pick<Verdict, 'resource' | 'task'> {
  /** Milliseconds. */
  readonly after?: number;
  readonly overload?: true | 'key';
  /** Why `after` counts for nothing, if it does not say when. */
  readonly mistake?: TypeError;
}

export const HEALTHY: Decision = { resource: 'keep', task: 'fail' };
const UNHEALTHY: Decision = { resource: 'replace', task: 'retry' };

/** The decision that a return value of `checkHealth` means. Throws on a value that means none. */
export function toDecision(value: unknown): Decision {
  if (value === true) return HEALTHY;
  if (value === false) return UNHEALTHY;
  if (typeof value === 'object' && value !== null) {
    const given = value as Partial<Record<'then' | keyof Verdict, unknown>>;
    const { then, after, overload } = given; // each field is read once
    if (typeof then === 'function') {
      ignoreRejection(value);
      throw new TypeError('checkHealth must return a boolean or a Verdict, not a promise');
    }
    if (![undefined, true, false, 'key'].includes(overload as Verdict['overload'])) {
      throw new TypeError(`the overload of a Verdict must be true, false or 'key', got ${describe(overload)}`);
    }
    const isOverload = overload === true || overload === 'key';
    const { resource = overload === undefined ? undefined : 'keep', task = standardTask(overload) } = given;
    if ((resource === 'keep' || resource === 'replace') && (task === 'fail' || task === 'retry')) {
      return { resource, task, ...(isOverload && { overload }), ...readAfter(after) };
    }
  }
  throw new TypeError(`checkHealth must return a boolean or a Verdict, got ${describe(value)}`);
}

/** What becomes of the task of a verdict that does not say. */
function standardTask(overload: unknown): Verdict['task'] | undefined {
  if (overload === undefined) return undefined;
  return overload === false ? 'fail' : 'retry';
}

function readAfter(after: unknown): Pick<Decision, 'after' | 'mistake'> {
  if (after === undefined) return {};
  const time = timeOf(after);
  const ms = time === undefined ? after : Math.max(0, time - Date.now());
  if (typeof ms === 'number' && ms >= 0 && ms < Infinity) return { after: ms };
  ignoreRejection(after);
  const rule = 'must be a finite number of milliseconds, 0 or more, or a valid Date';
  return { mistake: new TypeError(`the after of a Verdict ${rule}, got ${describe(after)}`) };
}

/** Seconds, or a date as HTTP writes it: that of today, and the two of the past that RFC 9110 has every reader accept. */
const SECONDS = /^\d+(\.\d+)?$/;
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|[A-Z][a-z]+day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT)$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * Returns how many milliseconds from now the HTTP header `Retry-After` asks to wait, or undefined if it is absent or
 * invalid. For the `after` of a {@link Verdict}. Reads seconds and all three forms of a date. Source: RFC 9110,
 * sections 5.6.7 and 10.2.3.
 *
 * @example
 * ```ts
 * import { retryAfter } from 'tasker';
 *
 * const checkHealth = (error: { status: number; headers: Headers }) => ({
 *   overload: error.status === 429,
 *   after: retryAfter(error.headers.get('retry-after')),
 * });
 * ```
 */
export function retryAfter(header: string | null | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  if (SECONDS.test(text)) return finite(Number(text) * 1000);
  const isAsctime = ASCTIME_DATE.test(text);
  if (!isAsctime && !HTTP_DATE.test(text)) return undefined;
  const time = Date.parse(isAsctime ? `${text} GMT` : text);
  return finite(Math.max(0, time - Date.now()));
}

function finite(ms: number): number | undefined {
  return Number.isFinite(ms) ? ms : undefined;
}
