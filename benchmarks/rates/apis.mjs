// Models of rate-limited APIs. `open(source)` gives the side of the server: `ask(now)` lets a call through that arrives at this
// instant and returns 0, or refuses it and returns the milliseconds until it would let one through. A refused call costs nothing.
// `timeFor(count)` is the time in which it lets so many through, however its windows lie.

/** Instants are sums of fractions; a call that comes too early by so little is not. Ms. */
const ROUNDING = 1e-6;

/**
 * A bucket that holds `burst` tokens, full at first, and gets `limit` more each `interval`, evenly. A call takes one.
 * @param {number} limit
 * @param {number} interval
 * @param {number} burst
 */
const tokenBucket = (limit, interval, burst) => () => {
  const each = interval / limit;
  let emptyAt = 0; // when as many tokens had been made as were taken, full bucket included
  return {
    ask(now) {
      const next = Math.max(now, emptyAt) + each;
      const wait = next - now - burst * each;
      if (wait > ROUNDING) return wait;
      emptyAt = next;
      return 0;
    },
  };
};

/**
 * `limit` calls in each window of `interval`. Nobody knows when a window begins: that differs with the seed.
 * @param {number} limit
 * @param {number} interval
 */
const fixedWindows = (limit, interval) => (source) => {
  let end = source() * interval;
  let count = 0;
  return {
    ask(now) {
      while (now >= end) {
        end += interval;
        count = 0;
      }
      if (count === limit) return end - now;
      count += 1;
      return 0;
    },
  };
};

/**
 * Lets a call through if fewer than `limit` were let through in the last `interval`. What is exactly that old counts no longer.
 * @param {number} limit
 * @param {number} interval
 */
const slidingLog = (limit, interval) => () => {
  const log = [];
  return {
    ask(now) {
      while (log.length > 0 && now - log[0] >= interval - ROUNDING) log.shift();
      if (log.length === limit) return log[0] + interval - now;
      log.push(now);
      return 0;
    },
  };
};

/** Of APIs that begin with nothing saved. */
const atPace = (limit, interval) => (count) => (count * interval) / limit;

/**
 * `rate` is what a user sets who has read the documentation of the API and the guide to tasker; rivals get the same numbers, as
 * far as they have such settings. `header` says what a refusal tells besides 429.
 *
 * In any stretch of time at most `burst + stretch · limit / interval` tasks start. On the way some calls are held up for longer
 * than others and arrive in company, so an API that counts in windows may see a few more.
 */
export const apis = [
  {
    name: 'bucket',
    title: 'token bucket: 100 a second, 50 at once',
    // While the bucket is full it gains nothing. A first call that is held up on the way leaves it full for as long.
    rate: { limit: 100, interval: 1_000, burst: 45 },
    open: tokenBucket(100, 1_000, 50),
    timeFor: (count) => atPace(100, 1_000)(count - 50),
    header: () => undefined,
    goals: { share: 0.99, refused: 1, lost: 0 },
  },
  {
    name: 'windows',
    title: 'fixed windows: 100 in each second',
    // 98 and 2 are 100 in any second. A burst of 2 makes up for timers that are late.
    rate: { limit: 98, interval: 1_000, burst: 2 },
    open: fixedWindows(100, 1_000),
    timeFor: atPace(100, 1_000),
    header: () => undefined,
    goals: { share: 0.97, refused: 10, lost: 0 },
  },
  {
    name: 'log',
    title: 'sliding log: 100 in any second',
    // It counts in every stretch of a second, so that a few in company are soon too many.
    rate: { limit: 96, interval: 1_000, burst: 2 },
    open: slidingLog(100, 1_000),
    timeFor: atPace(100, 1_000),
    header: () => undefined,
    goals: { share: 0.95, refused: 50, lost: 0 },
  },
  {
    name: 'unknown',
    title: 'unknown rate, a refusal tells `Retry-After` (in truth 400 in each 5 s)',
    rate: undefined,
    open: fixedWindows(400, 5_000),
    timeFor: atPace(400, 5_000),
    header: (wait) => String(Math.ceil(wait / 1_000)),
    goals: { lost: 0 },
  },
];

/** The API of that name; throws and names all if there is none. */
export function apiCalled(name) {
  const api = apis.find((each) => each.name === name);
  if (!api) throw new Error(`no API is called ${name}; there are ${apis.map((each) => each.name).join(', ')}`);
  return api;
}
