// A call over the network: there, some work, and back.

import { exponential } from '../scaling/random.mjs';
import { sleep } from './time.mjs';

/** Each way takes so long at least, and now and then longer: exponential, with this mean. The API works on it. Ms. */
const LEAST = 15;
const JITTER = 5;
const WORK = 10;

/** What a call takes in the mean. Ms. */
export const CALL = 2 * (LEAST + JITTER) + WORK;

/** What a client of HTTP throws. */
class HttpError extends Error {
  name = 'HttpError';
  status;
  headers = new Headers();

  constructor(status, retryAfter) {
    super(`the API answered ${status}`);
    this.status = status;
    if (retryAfter !== undefined) this.headers.set('retry-after', retryAfter);
  }
}

/**
 * Returns the function that calls: it asks `api`, which answers 0 or the time to wait, and rejects with an {@link HttpError}
 * if the call is refused.
 */
export function connect(source, ask, header) {
  const jitter = exponential(JITTER)(source);
  return async () => {
    const [there, back] = [LEAST + jitter(), LEAST + jitter()];
    await sleep(there);
    const wait = ask();
    await sleep(WORK + back);
    if (wait > 0) throw new HttpError(429, header(wait));
  };
}
