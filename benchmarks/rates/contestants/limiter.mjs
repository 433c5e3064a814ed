// Rate: a `TokenBucket` for a bucket, a `RateLimiter` for windows, as the README chooses between the two. It starts work at intervals
// ("pace work") by one token for each of them, which is what is left for the sliding log: it says itself that it has no rolling
// window. It has no retries: p-retry around both the token and the call.

import { RateLimiter, TokenBucket } from 'limiter';
import { GUESS } from '../contestants.mjs';
import { withRetries } from '../retries.mjs';

export const settings =
  '`TokenBucket` of 50 for the bucket, `RateLimiter` for windows and for the guess, one token at a time for the sliding log; p-retry around token and call';

export const unknown =
  'needs a rate, so 100 a second are guessed; p-retry waits for `Retry-After`, each task for itself, and nothing stops the others';

export function open({ name, rate: { limit, interval } = GUESS }) {
  const limiter = limiterFor(name, limit, interval);
  return {
    run: (call) =>
      withRetries(async () => {
        await limiter.removeTokens(1);
        return call();
      }),
  };
}

function limiterFor(name, limit, interval) {
  if (name === 'bucket') return new TokenBucket({ bucketSize: 50, tokensPerInterval: limit, interval });
  if (name === 'log') return new RateLimiter({ tokensPerInterval: 1, interval: interval / limit });
  return new RateLimiter({ tokensPerInterval: limit, interval });
}
