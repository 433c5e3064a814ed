import { describe, ignoreRejection } from '../primitives/check.ts';

/** What `checkHealth` may decide, both sides apart: about the resource, and about the task. */
export interface Verdict {
  /** Whether the resource goes on or is replaced. */
  resource: 'keep' | 'replace';
  /** Whether the task fails with its error or is retried, if it may be. */
  task: 'fail' | 'retry';
  /** Milliseconds to wait before the retry; wins over the policy's backoff. */
  after?: number;
}

const HEALTHY: Verdict = { resource: 'keep', task: 'fail' };
const UNHEALTHY: Verdict = { resource: 'replace', task: 'retry' };

/** The verdict that a return value of `checkHealth` means. Throws on a value that means none. */
export function toVerdict(value: unknown): Verdict {
  if (value === true) return HEALTHY;
  if (value === false) return UNHEALTHY;
  if (value instanceof Promise) {
    ignoreRejection(value);
    throw new TypeError('checkHealth must return a boolean or a Verdict, not a promise');
  }
  const verdict = value as Partial<Verdict> | null | undefined;
  const isVerdict =
    (verdict?.resource === 'keep' || verdict?.resource === 'replace') &&
    (verdict.task === 'fail' || verdict.task === 'retry') &&
    (verdict.after === undefined ||
      (typeof verdict.after === 'number' && verdict.after >= 0 && verdict.after < Infinity));
  if (!isVerdict) throw new TypeError(`checkHealth must return a boolean or a Verdict, got ${describe(value)}`);
  return verdict as Verdict;
}
