// What those do with a refused call who have no retries of their own: p-retry, with options of its README.

import pRetry from 'p-retry';
import { sleep } from './time.mjs';

/** What `Retry-After` says in ms; undefined if the refusal has none. These APIs give seconds. */
export function retryAfter({ headers }) {
  const seconds = headers.get('retry-after');
  return seconds === null ? undefined : Number(seconds) * 1_000;
}

/**
 * With the defaults of p-retry: ten retries, after 1 s, 2 s, 4 s … Where the API says when to come back, that is waited for in
 * `onFailedAttempt`, as the README does, and uses up no retry (`shouldConsumeRetry`), within ten minutes.
 * @template T
 * @param {() => Promise<T>} attempt
 */
export const withRetries = (attempt) =>
  pRetry(attempt, {
    shouldConsumeRetry: ({ error }) => retryAfter(error) === undefined,
    onFailedAttempt: async ({ error }) => {
      const after = retryAfter(error);
      if (after !== undefined) await sleep(after);
    },
    maxRetryTime: 600_000,
  });
