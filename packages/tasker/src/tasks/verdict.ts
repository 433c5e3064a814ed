import { describe } from '../primitives/check.ts';
import { ignoreRejection } from '../primitives/thenable.ts';

/** A decision of `checkHealth` about the resource and, apart from it, about the task. */
export interface Verdict {
  /** Whether the resource goes on or is replaced. */
  resource: 'keep' | 'replace';
  /** Whether the task fails with its error or is retried, if it may be. */
  task: 'fail' | 'retry';
  /** Milliseconds to wait before the retry; wins over the policy's backoff. */
  after?: number;
}

export const HEALTHY: Verdict = { resource: 'keep', task: 'fail' };
const UNHEALTHY: Verdict = { resource: 'replace', task: 'retry' };

/** The verdict that a return value of `checkHealth` means, as a copy of ours. Throws on a value that means none. */
export function toVerdict(value: unknown): Verdict {
  if (value === true) return HEALTHY;
  if (value === false) return UNHEALTHY;
  if (typeof value === 'object' && value !== null) {
    const { then, resource, task, after } = value as Partial<Record<'then' | keyof Verdict, unknown>>;
    if (typeof then === 'function') {
      ignoreRejection(value);
      throw new TypeError('checkHealth must return a boolean or a Verdict, not a promise');
    }
    if ((resource === 'keep' || resource === 'replace') && (task === 'fail' || task === 'retry')) {
      if (after === undefined) return { resource, task };
      if (typeof after === 'number' && after >= 0 && after < Infinity) return { resource, task, after };
    }
  }
  throw new TypeError(`checkHealth must return a boolean or a Verdict, got ${describe(value)}`);
}
