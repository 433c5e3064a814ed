import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { fullJitter } from '../../src/primitives/backoff.ts';

describe('fullJitter', () => {
  it('doubles the bound from attempt to attempt, up to the maximum', () => {
    const backoff = fullJitter({ initial: 100, max: 1000, random: () => 0.5 });
    expect([1, 2, 3, 4, 5, 6, 2000].map((attempt) => backoff(attempt))).toEqual([50, 100, 200, 400, 500, 500, 500]);
  });

  it('grows by another factor if it is told to', () => {
    const backoff = fullJitter({ initial: 1, max: 1000, factor: 10, random: () => 0.5 });
    expect([1, 2, 3].map((attempt) => backoff(attempt))).toEqual([0.5, 5, 50]);
  });

  it('stays between nothing and the bound', () => {
    const backoff = fullJitter({ initial: 100, max: 5000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (attempt) => {
        const delay = backoff(attempt);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** (attempt - 1)));
      }),
    );
  });
});
