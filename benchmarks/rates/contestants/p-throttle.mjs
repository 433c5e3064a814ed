// Rate: `limit` in each `interval`, in windows of its own; 50 in half a second for a bucket of 50. For an API that counts any second
// the README has `strict`. It has no retries: those are p-retry's, by the same author, around the throttled function, so that a
// retry waits for the rate like any other call.

import pThrottle from 'p-throttle';
import { GUESS } from '../contestants.mjs';
import { withRetries } from '../retries.mjs';

export const settings =
  '`limit` and `interval`: the rate in a second, 50 in half a second for the bucket; `strict` for the sliding log; p-retry around the throttled function';

export const unknown =
  'needs a rate, so 100 a second are guessed; p-retry waits for `Retry-After`, each task for itself, and nothing stops the others';

export function open({ name, rate: { limit, interval } = GUESS }) {
  const part = name === 'bucket' ? 2 : 1;
  const throttle = pThrottle({ limit: limit / part, interval: interval / part, strict: name === 'log' });
  const throttled = throttle((call) => call());
  return { run: (call) => withRetries(() => throttled(call)) };
}
