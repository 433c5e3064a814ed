import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EndCounter } from '../../src/report/ends.ts';
import type { Ends } from '../../src/report/ends.ts';
import { pausesOf } from '../../src/report/pauses.ts';
import { timelineOf } from '../../src/report/timeline.ts';

const HOUR = 3_600_000;
/** A midnight. */
const DAY_ONE = 1_764_028_800_000;

function endsOf(list: readonly number[]): Ends {
  const counter = new EndCounter();
  for (const at of list) counter.add(at, at % 3 !== 0);
  return counter.ends(Math.min(...list));
}

/** Instants a step apart. */
const every = (step: number, from: number, to: number): number[] =>
  Array.from({ length: (to - from) / step }, (_, i) => from + i * step);

test('ends are counted by time in a bounded number of slots, none is lost', () => {
  const times = fc.array(fc.integer({ min: 0, max: 10 * HOUR }), { minLength: 1, maxLength: 10_000, size: 'max' });
  fc.assert(
    fc.property(times, (list) => {
      const { width, slots } = endsOf(list);
      expect(slots.length).toBeLessThanOrEqual(4_096);
      const naive = new Map<number, { at: number; ended: number; failed: number }>();
      for (const time of list.toSorted((a, b) => a - b)) {
        const at = Math.floor(time / width) * width;
        const { ended, failed } = naive.get(at) ?? { ended: 0, failed: 0 };
        naive.set(at, { at, ended: ended + 1, failed: failed + (time % 3 === 0 ? 1 : 0) });
      }
      expect(slots).toEqual([...naive.values()]);
    }),
    { numRuns: 30 },
  );
});

test('a timeline fits its columns, has every end, and empty slots where nothing ended', () => {
  const times = fc.array(fc.integer({ min: 0, max: HOUR }), { minLength: 1, maxLength: 100, size: 'max' });
  fc.assert(
    fc.property(times, fc.integer({ min: 45, max: 200 }), (list, columns) => {
      const ends = endsOf(list);
      const pauses = pausesOf(ends, 0);
      const { width, stretches } = timelineOf(ends, pauses, columns);
      const slots = stretches.flat();
      expect(stretches).toHaveLength(pauses.length + 1);
      expect(slots.length + pauses.length).toBeLessThanOrEqual(columns);
      expect(slots.reduce((sum, { ended }) => sum + ended, 0)).toBe(list.length);
      for (const stretch of stretches) {
        for (const [i, { at }] of stretch.entries()) expect(at).toBe((stretch[0]?.at ?? NaN) + i * width);
      }
    }),
  );
});

test('a timeline begins when the first item began, and has hardly more columns than items', () => {
  const counter = new EndCounter();
  for (const at of [DAY_ONE + 5_000, DAY_ONE + 5_001]) counter.add(at, true);
  const { width, stretches } = timelineOf(counter.ends(DAY_ONE + 900), [], 60);
  expect(width).toBe(2_000);
  expect(stretches.map((stretch) => stretch.map(({ ended }) => ended))).toEqual([[0, 0, 2]]);
});

test('the night between a run and its resumption is a pause, and so are several', () => {
  const evenings = [0, 1, 2, 3].flatMap((day) =>
    every(1_000, DAY_ONE + day * 24 * HOUR, DAY_ONE + day * 24 * HOUR + HOUR),
  );
  const ends = endsOf(evenings);
  const pauses = pausesOf(ends, 5_000);
  expect(pauses.map(({ from, to }) => Math.round((to - from) / HOUR))).toEqual([23, 23, 23]);
  const { width, stretches } = timelineOf(ends, pauses, 60);
  expect(width).toBe(300_000);
  expect(stretches.map((stretch) => stretch.map(({ ended }) => ended))).toEqual(Array(4).fill(Array(12).fill(300)));
});

test('what belongs to a run is no pause: a stall, a slow rate, a long item, a short wait', () => {
  const stalled = [...every(1_000, 0, HOUR), ...every(1_000, HOUR + 600_000, 2 * HOUR)];
  expect(pausesOf(endsOf(stalled), 0)).toEqual([]);
  expect(pausesOf(endsOf(every(HOUR, 0, 10 * HOUR)), 100)).toEqual([]);
  expect(pausesOf(endsOf([0, 1_000, HOUR]), HOUR)).toEqual([]);
  expect(pausesOf(endsOf([0, 1_000, HOUR]), 1_000)).toHaveLength(1);
  expect(pausesOf(endsOf([0, 5, 1_200, 1_205]), 0)).toEqual([]);
  expect(pausesOf(endsOf([0]), 0)).toEqual([]);
});

test('many times without ends are how a run goes', () => {
  const runs = Array.from({ length: 30 }, (_, i) => DAY_ONE + i * 25 * HOUR).map((at) => every(1_000, at, at + 60_000));
  expect(pausesOf(endsOf(runs.slice(0, 11).flat()), 0)).toHaveLength(10);
  expect(pausesOf(endsOf(runs.flat()), 0)).toEqual([]);
});
