import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../src/primitives/gcra.ts';
import type { Cost, RateLimit } from '../../src/primitives/gcra.ts';
import fc from '../support/fast-check.ts';

/** When things of these costs start that are asked for at these times, each as soon as it may. */
function startsOf(limits: readonly RateLimit[], asked: readonly { at: number; cost: Cost }[]): number[] {
  const limiter = new RateLimiter(limits);
  let now = 0;
  return asked.map(({ at, cost }) => {
    now = Math.max(now, at, limiter.opensAt(cost));
    limiter.take(cost, now);
    return now;
  });
}

const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1000) / 1000);
const atOnce = (count: number, cost: Cost = 1): { at: number; cost: Cost }[] =>
  Array.from({ length: count }, () => ({ at: 0, cost }));

describe('a rate limiter', () => {
  it('spaces starts evenly', () => {
    expect(rounded(startsOf([{ limit: 100, interval: 1000 }], atOnce(4)))).toEqual([0, 10, 20, 30]);
  });

  it('lets a burst start at once, and again after a silence', () => {
    const asked = [...atOnce(5), ...Array.from({ length: 4 }, () => ({ at: 1000, cost: 1 }))];
    expect(rounded(startsOf([{ limit: 10, interval: 1000, burst: 3 }], asked))).toEqual([
      0, 0, 0, 100, 200, 1000, 1000, 1000, 1100,
    ]);
  });

  it('holds several rates at once', () => {
    const limits = [
      { limit: 5, interval: 1000, burst: 5 },
      { limit: 6, interval: 60_000, burst: 6 },
    ];
    expect(rounded(startsOf(limits, atOnce(8)))).toEqual([0, 0, 0, 0, 0, 200, 10_000, 20_000]);
  });

  it('charges what a start costs', () => {
    expect(rounded(startsOf([{ limit: 10, interval: 1000 }], atOnce(3, 5)))).toEqual([0, 500, 1000]);
    expect(rounded(startsOf([{ limit: 10, interval: 1000, burst: 8 }], atOnce(3, 5)))).toEqual([0, 200, 700]);
  });

  it('lets what costs more than the burst start when nothing is owed, and what is free at any time', () => {
    const asked = [
      { at: 0, cost: 20 },
      { at: 0, cost: 0 },
      { at: 0, cost: 20 },
    ];
    expect(rounded(startsOf([{ limit: 10, interval: 1000, burst: 4 }], asked))).toEqual([0, 0, 2000]);
  });

  it('knows how many may start within a time, how many per second, and when nothing is owed any more', () => {
    const limiter = new RateLimiter([
      { limit: 10, interval: 1000, burst: 3 },
      { limit: 300, interval: 60_000, burst: 100 },
    ]);
    expect([limiter.count(0, 0), limiter.count(0, 200)]).toEqual([3, 5]);
    expect([limiter.perSecond, limiter.burst, limiter.restsAt]).toEqual([5, 3, -Infinity]);
    for (let i = 0; i < 3; i++) limiter.take(1, 0);
    expect([limiter.count(0, 99), limiter.count(0, 100), limiter.restsAt]).toEqual([0, 1, 600]);
  });

  it('expects of those to come what those before have cost in the mean', () => {
    const limiter = new RateLimiter([{ limit: 100, interval: 1000, burst: 30 }]);
    for (const cost of [5, 15]) limiter.take(cost, 0);
    expect([limiter.count(0, 0), limiter.count(0, 100), limiter.perSecond]).toEqual([1, 2, 10]);
    const free = new RateLimiter([{ limit: 100, interval: 1000 }]);
    free.take(0, 0);
    expect([free.count(0, 0), free.perSecond]).toEqual([Infinity, Infinity]);
  });

  it('charges each limit with what a start takes of its unit', () => {
    const limits = [
      { limit: 10, interval: 1000, burst: 2 },
      { limit: 1_000, interval: 1000, burst: 500, unit: 'tokens' },
    ];
    expect(rounded(startsOf(limits, atOnce(4, { tokens: 50 })))).toEqual([0, 0, 100, 200]);
    expect(rounded(startsOf(limits, atOnce(4, { tokens: 400 })))).toEqual([0, 300, 700, 1100]);
    expect(rounded(startsOf(limits, atOnce(4, { tokens: 0 })))).toEqual([0, 0, 100, 200]);
    expect(rounded(startsOf(limits, atOnce(3, {})))).toEqual([0, 0, 100]);
    const limiter = new RateLimiter(limits);
    for (const tokens of [100, 300]) limiter.take({ tokens }, 0);
    expect([limiter.perSecond, limiter.count(0, 100)]).toEqual([5, 1]);
  });

  it('in any stretch of time starts at most burst + time × rate, or else one thing that costs more', () => {
    const limit = fc.record({
      limit: fc.double({ min: 0.1, max: 1000, noNaN: true }),
      interval: fc.double({ min: 1, max: 10_000, noNaN: true }),
      burst: fc.double({ min: 1, max: 20, noNaN: true }),
    });
    const asked = fc.array(
      fc.record({
        after: fc.double({ min: 0, max: 3_000, noNaN: true }),
        cost: fc.double({ min: 0, max: 30, noNaN: true }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.array(limit, { minLength: 1, maxLength: 3 }), asked, (limits, gaps) => {
        let at = 0;
        const all = gaps.map(({ after, cost }) => ({ at: (at += after), cost }));
        const starts = startsOf(limits, all);
        for (const { limit: units, interval, burst } of limits) {
          for (let i = 0; i < starts.length; i++) {
            let sum = 0;
            for (let j = i; j < starts.length; j++) {
              const { cost } = all[j] as { cost: number };
              sum += cost;
              const time = (starts[j] as number) - (starts[i] as number);
              const allowed = Math.max(burst, cost) + (time * units) / interval;
              expect(cost === 0 || sum <= allowed * (1 + 1e-9) + (2e-6 * units) / interval).toBe(true);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
