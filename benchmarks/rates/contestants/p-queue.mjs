// Rate: `intervalCap` and `interval`, as the author answers in issue #231: so many in a window of its own. A bucket of 50 gets 50
// in half a second. For an API that counts any second the README has `strict`. It has no retries: those are p-retry's, by the
// same author, around `add`, so that a retry waits for the rate like any other call.
//
// No rate: "adaptive backoff on 429 can be handled in userland by pausing the queue and retrying", as he says there.

import PQueue from 'p-queue';
import { CONCURRENCY } from '../contestants.mjs';
import { retryAfter, withRetries } from '../retries.mjs';

export const settings =
  '`intervalCap` and `interval`: a window of the rate each second, 50 in half a second for the bucket; `strict` for the sliding log; `concurrency` 20; p-retry around `add`';

export const unknown =
  'has nothing for it; its author advises to pause the queue and to add the task again, which is what was done here, in ten lines';

export const open = ({ name, rate }) => (rate === undefined ? openPausing() : openLimited(name, rate));

function openLimited(name, { limit, interval }) {
  const part = name === 'bucket' ? 2 : 1;
  const queue = new PQueue({
    concurrency: CONCURRENCY,
    intervalCap: limit / part,
    interval: interval / part,
    strict: name === 'log',
  });
  return { run: (call) => withRetries(() => queue.add(call)) };
}

function openPausing() {
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const pause = (after) => {
    if (queue.isPaused) return;
    queue.pause();
    setTimeout(() => queue.start(), after);
  };
  const run = async (call, priority = 0) => {
    try {
      return await queue.add(call, { priority });
    } catch (error) {
      pause(retryAfter(error));
      return run(call, priority + 1);
    }
  };
  return { run: (call) => run(call) };
}
