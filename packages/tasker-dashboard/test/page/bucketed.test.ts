import { expect, test } from 'vitest';
import type { History, Sample } from '../../src/basics/messages.ts';
import { bucketed, spanOf } from '../../src/page/bucketed.ts';
import { columnsOf } from '../../src/record/history.ts';

const sample = (at: number, some: Partial<Sample> = {}): Sample => ({
  at,
  arrivals: 0,
  completions: 0,
  failures: 0,
  retries: 0,
  waitP50: null,
  waitP95: null,
  runP50: null,
  runP95: null,
  workers: 1,
  running: 0,
  queued: 0,
  ...some,
});

const everySecond = (count: number, some: (i: number) => Partial<Sample> = () => ({})): History =>
  columnsOf(Array.from({ length: count }, (_, i) => sample(i * 1_000, some(i))));

test('samples of five seconds are one point of a chart of fifteen minutes: a mean rate, the most workers', () => {
  const history = everySecond(10, (i) => ({ arrivals: i, workers: i, runP50: i % 2 === 0 ? null : i }));
  expect(bucketed(history, 900_000)).toMatchObject({
    at: [4_000, 9_000],
    arrivals: [2, 7],
    workers: [4, 9],
    runP50: [2, 7],
    waitP50: [null, null],
  });
});

test('a point stays what it is while time goes on', () => {
  const [early, late] = [bucketed(everySecond(50), 900_000), bucketed(everySecond(53), 900_000)];
  expect(late.at.slice(0, 10)).toEqual(early.at);
});

test('a chart of a few minutes shows each sample, and one without samples none', () => {
  const history = everySecond(30, (i) => ({ arrivals: i }));
  expect(bucketed(history, 120_000)).toEqual(history);
  expect(bucketed(columnsOf([]), 900_000)).toEqual(columnsOf([]));
});

test.each([
  [0, 60_000],
  [60_000, 60_000],
  [61_000, 120_000],
  [290_000, 300_000],
  [301_000, 900_000],
  [5_000_000, 900_000],
])('charts of a program that began %i ms ago show %i ms', (age, span) => {
  expect(spanOf(age, 900_000)).toBe(span);
});

test('charts never show more than is remembered', () => {
  expect([spanOf(0, 30_000), spanOf(70_000, 90_000), spanOf(3_000_000, 3_600_000)]).toEqual([
    30_000, 90_000, 3_600_000,
  ]);
});
