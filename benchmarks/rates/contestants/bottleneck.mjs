// Rate: the quick start spreads calls by `minTime`. For what fills up again the README has reservoirs, and wants `minTime` and
// `maxConcurrent` beside them: an increasing one for a bucket (the example is Shopify's, whose `minTime` allows twice the rate), a
// refreshed one for windows. Intervals are multiples of 250 ms.
//
// Retries are its own: the `failed` listener returns the milliseconds. A retried job keeps its place, and is sent again without
// regard to `minTime` and reservoir (README, issue #223). Without `Retry-After` the delay is that of p-retry, for all alike.
// `updateSettings` stops the reservoir from being filled (issue #185), so nothing is set again later.

import Bottleneck from 'bottleneck';
import { CONCURRENCY } from '../contestants.mjs';
import { retryAfter } from '../retries.mjs';

export const settings =
  '`minTime`; for the bucket a reservoir of 50 with 25 more every 250 ms, for windows one that is refreshed every second, both with a `minTime` of half the pace; `maxConcurrent` 20; retries by the `failed` event';

export const unknown =
  '`failed` returns what `Retry-After` says; the job keeps its place meanwhile, so that of 20 refused jobs none lets another call through';

export function open({ name, rate }) {
  const limiter = new Bottleneck({ maxConcurrent: CONCURRENCY, ...(rate !== undefined && settingsFor(name, rate)) });
  limiter.on('failed', (error, { retryCount }) => {
    if (error.status !== 429) return undefined;
    return retryAfter(error) ?? (retryCount < RETRIES ? 1_000 * 2 ** retryCount : undefined);
  });
  return { run: (call) => limiter.schedule(call) };
}

/** Those of p-retry; as there, a wait for `Retry-After` uses up none. */
const RETRIES = 10;

function settingsFor(name, { limit, interval }) {
  const pace = interval / limit;
  if (name === 'bucket') {
    return {
      reservoir: 50,
      reservoirIncreaseAmount: limit / 4,
      reservoirIncreaseInterval: interval / 4,
      reservoirIncreaseMaximum: 50,
      minTime: pace / 2,
    };
  }
  if (name === 'windows') {
    return {
      reservoir: limit,
      reservoirRefreshAmount: limit,
      reservoirRefreshInterval: interval,
      minTime: pace / 2,
    };
  }
  return { minTime: pace };
}
