import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/primitives/histogram.ts';

const DAY = 24 * 60 * 60 * 1000;
const QUANTILES = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1];

function of(values: Iterable<number>): Histogram {
  const histogram = new Histogram();
  const all = Float64Array.from(values);
  histogram.recordAll(all, 0, 1, all.length);
  return histogram;
}

/** Nearest rank. */
function exactPercentile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] as number;
}

function expectWithin(actual: number, exact: number, share: number): void {
  expect(Math.abs(actual - exact), `${actual} for ${exact}`).toBeLessThanOrEqual(exact * share);
}

/** A seeded generator of uniform numbers in (0, 1), so that a failure can be seen again (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

const random = uniform(20_231);
const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
const distributions: Record<string, () => number> = {
  lognormal: () => Math.exp(3 + 2 * normal()),
  pareto: () => 2 * random() ** (-1 / 1.2),
  'fast or slow': () => (random() < 0.97 ? 0.05 + 0.01 * normal() ** 2 : 5000 + 500 * normal()),
  microseconds: () => 0.001 + 0.003 * random(),
};

describe('Histogram', () => {
  it.each(Object.keys(distributions))('gives percentiles within one percent of 100,000 durations: %s', (name) => {
    const draw = distributions[name] as () => number;
    const values = Array.from({ length: 100_000 }, draw);
    const histogram = of(values);
    const sorted = values.toSorted((a, b) => a - b);
    for (const q of QUANTILES) expectWithin(histogram.percentile(q), exactPercentile(sorted, q), 0.0079);
    expect([histogram.min, histogram.max]).toEqual([sorted[0], sorted.at(-1)]);
    expect(histogram.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6);
  });

  it('gives percentiles within one percent from a microsecond to thirty days, whatever the values', () => {
    const duration = fc.double({ min: Math.log(0.001), max: Math.log(30 * DAY), noNaN: true }).map(Math.exp);
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = values.toSorted((a, b) => a - b);
          expectWithin(of(values).percentile(q), exactPercentile(sorted, q), 0.0079);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is within one percent at the edges of its buckets', () => {
    for (let exponent = -9; exponent <= 30; exponent++) {
      for (const factor of [1, 1 + 1 / 64, 1.5, 2 - 2 ** -20]) {
        const value = factor * 2 ** exponent;
        expectWithin(of([0.001, value, 31 * DAY]).percentile(0.5), value, 0.0079);
      }
    }
  });

  it('is 0 throughout before the first value', () => {
    const { count, min, max, mean } = new Histogram();
    expect([count, min, max, mean, new Histogram().percentile(0.5)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('gives a single value exactly', () => {
    const histogram = of([12.34]);
    expect(QUANTILES.map((q) => histogram.percentile(q))).toEqual(QUANTILES.map(() => 12.34));
    expect([histogram.count, histogram.min, histogram.max, histogram.mean]).toEqual([1, 12.34, 12.34, 12.34]);
  });

  it('counts 0, and what is negative or not a number as 0', () => {
    const histogram = of([0, -5, Number.NaN, 0, 10]);
    expect([histogram.count, histogram.mean, histogram.min, histogram.max]).toEqual([5, 2, 0, 10]);
    expect([histogram.percentile(0.5), histogram.percentile(0.8), histogram.percentile(1)]).toEqual([0, 0, 10]);
  });

  it('counts what is longer than its last bucket in there', () => {
    const histogram = of([1, 1e12, 1e12, 1e13]);
    expect(histogram.max).toBe(1e13);
    expect(histogram.percentile(0.5)).toBeGreaterThan(30 * DAY);
    expect(histogram.percentile(1)).toBe(1e13);
  });
});
