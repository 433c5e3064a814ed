import { describe } from './check.ts';
import { ignoreRejection } from './thenable.ts';

/** Options of {@link fullJitter}; durations are milliseconds. */
export interface JitterOptions {
  /** Upper bound of the first delay. */
  readonly initial: number;
  /** Upper bound of every delay. */
  readonly max: number;
  /** How fast the bound grows from attempt to attempt. Default 2. */
  readonly factor?: number;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Exponential backoff with full jitter: before attempt n + 1 wait a uniformly random time between 0 and
 * `min(max, initial * factor ** (n - 1))`. Spreads clients that failed together best of the known ways.
 * Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @returns the delay in milliseconds after failure number `attempt`, which starts at 1.
 */
export function fullJitter(options: JitterOptions): (attempt: number) => number {
  const { initial, max, factor = 2, random = () => Math.random() } = options; // looked up late: tests replace it
  return (attempt) => random() * Math.min(max, initial * factor ** (attempt - 1));
}

/** A delay that a hook of the user's has computed. Throws if it is none. */
export function requireDelay(ms: number): number {
  ignoreRejection(ms);
  if (!(typeof ms === 'number' && ms >= 0 && ms < Infinity)) {
    throw new RangeError(`a backoff must be a finite number of milliseconds, 0 or more, got ${describe(ms)}`);
  }
  return ms;
}
