import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Durations, coarser } from '../../src/report/durations.ts';
import { Slowest } from '../../src/tally/slowest.ts';
import { Times } from '../../src/report/times.ts';

/** Durations from below a microsecond to weeks, most of them short. */
const durations = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 2_000 }).map((ms) => ms / 10),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.constantFrom(0, 0.001, 1, 1.2, 5, 8, 10, 1_000, 60_000, 1e12),
  ),
  { minLength: 1, maxLength: 300, size: 'max' },
);

const sum = (list: readonly number[]): number => list.reduce((total, n) => total + n, 0);

test('percentiles, mean and maximum are those of a sorted list, to a thousandth or a microsecond', () => {
  fc.assert(
    fc.property(durations, (list) => {
      const times = new Times();
      for (const ms of list) times.add(ms);
      const sorted = list.toSorted((a, b) => a - b);
      const { count, mean, max, percentiles, curve } = times.summary() ?? expect.fail();
      expect(count).toBe(list.length);
      expect(max).toBe(sorted.at(-1));
      expect(mean).toBeCloseTo(sum(list) / list.length, 5);
      for (const { percent, ms } of [...percentiles, ...curve]) {
        // Between two ranks it may be either.
        const rank = (percent / 100) * list.length;
        const exact = [Math.round(rank), Math.ceil(rank)].map((at) => sorted[Math.max(at, 1) - 1] ?? NaN);
        expect(exact.some((near) => Math.abs(ms - near) <= near / 1_000 + 0.002)).toBe(true);
      }
    }),
  );
});

test('no times have no summary', () => {
  expect(new Times().summary()).toBeUndefined();
});

test('each duration is in the bucket around it, however coarse the buckets are', () => {
  fc.assert(
    fc.property(durations, fc.integer({ min: 1, max: 60 }), (list, most) => {
      const counted = new Durations();
      for (const ms of list) counted.add(ms);
      const buckets = counted.buckets();
      const coarse = coarser(buckets, most);
      expect(coarse.length <= most || coarse.length <= 18).toBe(true);
      for (const bars of [buckets, coarse]) {
        expect(bars[0]?.count).toBeGreaterThan(0);
        expect(bars.at(-1)?.count).toBeGreaterThan(0);
        for (const [i, { from, to, count }] of bars.entries()) {
          const isIn = (ms: number): boolean => ms >= from && ms < to;
          expect(count).toBe(list.filter(isIn).length);
          expect(from).toBe(i === 0 ? from : bars[i - 1]?.to);
        }
      }
    }),
  );
});

test('buckets begin and end at round numbers', () => {
  const counted = new Durations();
  for (const ms of [10, 11.9, 12, 99, 0.0013]) counted.add(ms);
  const filled = counted.buckets().filter(({ count }) => count > 0);
  expect(filled).toEqual([
    { from: 0.0012, to: 0.0015, count: 1 },
    { from: 10, to: 12, count: 2 },
    { from: 12, to: 15, count: 1 },
    { from: 80, to: 100, count: 1 },
  ]);
  expect(coarser(counted.buckets(), 20).filter(({ count }) => count > 0)).toEqual([
    { from: 0.001, to: 0.002, count: 1 },
    { from: 10, to: 20, count: 3 },
    { from: 50, to: 100, count: 1 },
  ]);
  expect(coarser(counted.buckets(), 5).map(({ count }) => count)).toEqual([1, 0, 0, 0, 4]);
  expect(new Durations().buckets()).toEqual([]);
  const long = new Durations();
  for (const ms of [30_000, 90_000, 3_600_000]) long.add(ms);
  expect(coarser(long.buckets(), 10).map(({ from }) => from / 60_000)).toEqual([1 / 3, 1, 2, 5, 10, 20, 60]);
});

test('the slowest items are the ten with the longest runs; of equal ones those that came first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60, size: 'max' }), (list) => {
      const slowest = new Slowest();
      for (const [index, ms] of list.entries()) slowest.add({ index, input: [ms] }, ms);
      const naive = list.map((runMs, index) => ({ index, runMs, ok: true, input: `[${runMs}]` }));
      expect(slowest.items).toEqual(naive.toSorted((a, b) => b.runMs - a.runMs).slice(0, 10));
    }),
  );
});
