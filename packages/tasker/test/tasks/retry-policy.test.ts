import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../src/tasks/retry-policy.ts';

describe('RetryBudget', () => {
  it('lets ratio * arrivals + minPerSecond * 10 retries pass', () => {
    const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 0.1 });
    for (let i = 0; i < 10; i++) budget.arrived(i);
    const spent = Array.from({ length: 5 }, () => budget.spend(10));
    expect(spent).toEqual([true, true, true, false, false]);
  });

  it('lets none pass with 0 and 0, and counts a fraction only once it is a whole', () => {
    const none = new RetryBudget({ ratio: 0, minPerSecond: 0 });
    for (let i = 0; i < 100; i++) none.arrived(i);
    expect(none.spend(100)).toBe(false);
    const half = new RetryBudget({ ratio: 0.5, minPerSecond: 0 });
    half.arrived(0);
    expect(half.spend(0)).toBe(false);
    half.arrived(0);
    expect([half.spend(0), half.spend(0)]).toEqual([true, false]);
  });

  it('takes nothing from the budget for a retry that it refuses', () => {
    const budget = new RetryBudget({ ratio: 1, minPerSecond: 0 });
    expect([budget.spend(0), budget.spend(0)]).toEqual([false, false]);
    budget.arrived(1);
    expect([budget.spend(1), budget.spend(1)]).toEqual([true, false]);
  });

  it('forgets arrivals and retries after 10 s', () => {
    const budget = new RetryBudget({ ratio: 1, minPerSecond: 0.1 });
    budget.arrived(0);
    expect([budget.spend(0), budget.spend(0), budget.spend(0)]).toEqual([true, true, false]);
    expect([budget.spend(20_000), budget.spend(20_000)]).toEqual([true, false]);
  });

  it('is never overdrawn, counted over the last 9 s at least (a whole second at a time is forgotten)', () => {
    const event = fc.record({ wait: fc.integer({ min: 0, max: 1_500 }), isRetry: fc.boolean() });
    fc.assert(
      fc.property(
        fc.constantFrom(0, 0.2, 1, 2.5),
        fc.constantFrom(0, 0.1, 0.7, 3),
        fc.array(event, { maxLength: 200 }),
        (ratio, minPerSecond, events) => {
          const budget = new RetryBudget({ ratio, minPerSecond });
          const arrivals: number[] = [];
          const retries: number[] = [];
          let now = 0;
          for (const { wait, isRetry } of events) {
            now += wait;
            const within = (times: number[], ms: number): number => times.filter((at) => at > now - ms).length;
            if (!isRetry) {
              budget.arrived(now);
              arrivals.push(now);
            } else if (budget.spend(now)) {
              retries.push(now);
              expect(within(retries, 9_000)).toBeLessThanOrEqual(ratio * within(arrivals, 10_000) + minPerSecond * 10);
            } else {
              expect(within(retries, 10_000) + 1).toBeGreaterThan(ratio * within(arrivals, 9_000) + minPerSecond * 10);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
