import { expect, test } from 'vitest';
import { noPaint } from '../../src/basics/paint.ts';
import { progressLine, progressText } from '../../src/process/progress-text.ts';
import { Speed } from '../../src/process/speed.ts';
import type { Standing } from '../../src/process/standing.ts';

const standing: Standing = {
  done: 2_500,
  total: 10_000,
  failed: 3,
  retried: 12,
  workers: 6,
  startingWorkers: 1,
  running: 6,
  queued: 988,
  throttled: 5,
  hasRate: true,
  runTimes: { p50: 41, p95: 120, p99: 1_310 },
};
const early: Standing = {
  ...standing,
  ...{ done: 0, failed: 0, retried: 0, queued: 0, throttled: 0, runTimes: undefined },
  workers: 1,
  startingWorkers: 0,
};

test('two lines tell how far it is, and what the workers do', () => {
  expect(progressText(standing, 184, 120, noPaint).split('\n')).toEqual([
    '████████░░░░░░░░░░░░░░░░░░░░░░ 25 % · 2,500 of 10,000 · 3 failed · 12 retried · 184/s · 41 s left',
    '  6 workers · 1 starting · 6 running · 988 queued · p50 41 ms · p95 120 ms · p99 1.31 s · waiting for the rate',
  ]);
});

test('a narrow terminal has the same on more lines, none wider than it', () => {
  const lines = progressText(standing, 184, 60, noPaint).split('\n');
  expect(lines).toEqual([
    '███░░░░░░░░░ 25 % · 2,500 of 10,000 · 3 failed',
    '  12 retried · 184/s · 41 s left',
    '  6 workers · 1 starting · 6 running · 988 queued',
    '  p50 41 ms · p95 120 ms · p99 1.31 s · waiting for the rate',
  ]);
});

test('what is not there is not told', () => {
  expect(progressText(early, 0, 120, noPaint).split('\n')).toEqual([
    '░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 % · 0 of 10,000 · 0/s',
    '  1 worker · 6 running · 0 queued',
  ]);
  expect(progressText({ ...early, done: 5, total: undefined }, 0.5, 120, noPaint)).toMatch(/^5 done · 30\/min\n/);
  expect(progressText({ ...standing, hasRate: false }, 1, 120, noPaint)).toContain(
    'waiting: the service is overloaded',
  );
});

test('all is done only when the last is', () => {
  expect(progressText({ ...standing, done: 9_999 }, 1, 120, noPaint)).toContain('99 %');
  expect(progressText({ ...standing, done: 0, total: 0 }, 0, 120, noPaint)).toContain('100 %');
});

test('without a terminal it is one line', () => {
  expect(progressLine(standing, 184, noPaint)).toBe(
    '25 % · 2,500 of 10,000 · 3 failed · 12 retried · 184/s · 41 s left · 6 workers · 1 starting · 6 running · ' +
      '988 queued · p50 41 ms · p95 120 ms · p99 1.31 s · waiting for the rate',
  );
});

test('speed is that of the last seconds, and while little has come that since the start', () => {
  const speed = new Speed(0, 100);
  expect(speed.perSecond(0, 100)).toBe(0);
  expect(speed.perSecond(10_000, 105)).toBe(0.5);
  for (let second = 11; second <= 60; second++) speed.perSecond(second * 1_000, 105 + (second - 10) * 100);
  expect(speed.perSecond(60_000, 5_105)).toBeCloseTo(100, 0);
  for (let second = 61; second <= 90; second++) speed.perSecond(second * 1_000, 5_105);
  expect(speed.perSecond(91_000, 5_105)).toBeCloseTo(55, 0);
});
