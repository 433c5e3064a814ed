import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { CreateBreaker } from '../../src/resources/breaker.ts';
import type { Attempt } from '../../src/resources/breaker.ts';

/** A breaker that waits `failures * 100` ms, and what it was asked. */
function newBreaker() {
  const asked: number[] = [];
  const breaker = new CreateBreaker((failures) => {
    asked.push(failures);
    return failures * 100;
  });
  return { breaker, asked };
}

/** Lets creations fail one after another, each as soon as it may begin; returns the time. */
function failTimes(breaker: CreateBreaker, times: number, start = 0): number {
  let now = start;
  for (let i = 0; i < times; i++) {
    now += breaker.delay(now);
    breaker.failed(breaker.begin(now), now);
  }
  return now;
}

describe('CreateBreaker', () => {
  it('lets any number of creations begin while none has failed', () => {
    const { breaker } = newBreaker();
    for (let i = 0; i < 10; i++) breaker.begin(0);
    expect([breaker.allowance(0), breaker.delay(0)]).toEqual([Infinity, 0]);
  });

  it('lets none begin during the backoff, then any number again', () => {
    const { breaker, asked } = newBreaker();
    breaker.failed(breaker.begin(0), 50);
    expect([asked, breaker.allowance(50), breaker.delay(50)]).toEqual([[1], 0, 100]);
    expect([breaker.allowance(149), breaker.delay(149)]).toEqual([0, 1]);
    expect([breaker.allowance(150), breaker.delay(150)]).toEqual([Infinity, 0]);
  });

  it('lets one probe through at a time after three failures in a row', () => {
    const { breaker, asked } = newBreaker();
    const now = failTimes(breaker, 3) + 300;
    expect([asked, breaker.allowance(now)]).toEqual([[1, 2, 3], 1]);
    const probe = breaker.begin(now);
    expect([probe.isProbe, breaker.allowance(now), breaker.allowance(now + 60_000)]).toEqual([true, 0, 0]);
    breaker.failed(probe, now + 10);
    expect([asked.at(-1), breaker.allowance(now + 409), breaker.allowance(now + 410)]).toEqual([4, 0, 1]);
  });

  it('takes failures that ran side by side for one step of the backoff, but counts each as a failure', () => {
    const { breaker, asked } = newBreaker();
    const attempts = [0, 1, 2, 3].map((now) => breaker.begin(now));
    for (const attempt of attempts) breaker.failed(attempt, 100);
    expect([asked, breaker.allowance(200)]).toEqual([[1], 1]);
  });

  it('also where they begin and fail in one instant of the clock', () => {
    const { breaker, asked } = newBreaker();
    const attempts = [1, 2, 3, 4].map(() => breaker.begin(5));
    for (const attempt of attempts) breaker.failed(attempt, 5);
    expect([asked, breaker.delay(5)]).toEqual([[1], 100]);
    breaker.failed(breaker.begin(105), 105);
    expect(asked).toEqual([1, 2]);
  });

  it('takes one that comes up in the instant of a failure and is used for a sign that creation works', () => {
    const { breaker } = newBreaker();
    const now = failTimes(breaker, 3);
    breaker.proven(now);
    expect([breaker.allowance(now), breaker.delay(now)]).toEqual([Infinity, 0]);
  });

  it('is closed again when a new resource was used', () => {
    const { breaker, asked } = newBreaker();
    const now = failTimes(breaker, 3) + 300;
    breaker.succeeded(breaker.begin(now), now);
    expect(breaker.allowance(now)).toBe(1);
    breaker.proven(now);
    expect([breaker.allowance(now), breaker.delay(now)]).toEqual([Infinity, 0]);
    breaker.failed(breaker.begin(now), now);
    expect(asked.at(-1)).toBe(1);
  });

  it('is closed again when a new resource has lived 1 s, and not sooner', () => {
    const { breaker } = newBreaker();
    const now = failTimes(breaker, 3) + 300;
    breaker.succeeded(breaker.begin(now), now);
    expect([breaker.allowance(now + 999), breaker.allowance(now + 1_000)]).toEqual([1, Infinity]);
  });

  it('is not closed by the use of a resource that was made before the failures', () => {
    const { breaker, asked } = newBreaker();
    const now = failTimes(breaker, 3, 1_000) + 300;
    breaker.proven(999);
    expect(breaker.allowance(now)).toBe(1);
    breaker.failed(breaker.begin(now), now);
    expect(asked.at(-1)).toBe(4);
  });

  it('takes a resource that died unused within 1 s for a failed creation, and says so', () => {
    const { breaker, asked } = newBreaker();
    const first = breaker.begin(0);
    breaker.succeeded(first, 10);
    expect([breaker.died(first, 10, 1_009), asked]).toEqual([true, [1]]);
    const second = breaker.begin(2_000);
    breaker.succeeded(second, 2_010);
    expect([breaker.died(second, 2_010, 3_010), asked]).toEqual([false, [1]]);
  });

  it('counts one that died as one more in a row of failures', () => {
    const { breaker, asked } = newBreaker();
    let now = failTimes(breaker, 2) + 200;
    const attempt = breaker.begin(now);
    breaker.succeeded(attempt, now);
    now += 500;
    expect([breaker.died(attempt, now - 500, now), asked]).toEqual([true, [1, 2, 3]]);
    expect(breaker.allowance(now + 300)).toBe(1);
  });

  it('lets the next probe through when one was given up', () => {
    const { breaker } = newBreaker();
    const now = failTimes(breaker, 3) + 300;
    const probe = breaker.begin(now);
    breaker.forget(probe);
    breaker.forget(probe);
    expect([probe.isOver, breaker.allowance(now)]).toEqual([true, 1]);
  });

  it('never lets the next attempt begin in the instant of a failure, although the backoff is 0', () => {
    const breaker = new CreateBreaker(() => 0);
    breaker.failed(breaker.begin(5), 5);
    expect(breaker.allowance(5)).toBe(0);
    expect(breaker.delay(5)).toBeGreaterThan(0);
  });

  it('never has more than one probe under way, and always lets one begin some time, whatever happens', () => {
    const event = fc.record({
      wait: fc.integer({ min: 0, max: 700 }),
      end: fc.constantFrom('failed', 'succeeded', 'used', 'died', 'forgotten', 'none'),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { breaker } = newBreaker();
        const open: Attempt[] = [];
        let now = 0;
        const begin = (): void => {
          for (let i = 0; i < 3 && breaker.allowance(now) > 0; i++) open.push(breaker.begin(now));
          expect(open.filter(({ isProbe }) => isProbe).length).toBeLessThanOrEqual(1);
        };
        const end = (attempt: Attempt, how: string): void => {
          if (how === 'failed') breaker.failed(attempt, now);
          else if (how === 'forgotten') breaker.forget(attempt);
          else {
            breaker.succeeded(attempt, now);
            if (how === 'used') breaker.proven(now);
            if (how === 'died') breaker.died(attempt, now, now);
          }
        };
        for (const { wait, end: how, which } of events) {
          now += wait;
          begin();
          const attempt = open[which % Math.max(1, open.length)];
          if (attempt === undefined || how === 'none') continue;
          open.splice(open.indexOf(attempt), 1);
          end(attempt, how);
        }
        for (const attempt of open.splice(0)) end(attempt, 'failed');
        expect(breaker.allowance(now + breaker.delay(now))).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
