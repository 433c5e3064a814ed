import { expect, test } from 'vitest';
import { progressText } from '../../src/run/progress.ts';

test('progress tells what is done, of how many, how fast, and how long it will take', () => {
  const standing = { done: 250, total: 1_000, failed: 3, running: 4 };
  expect(progressText(standing, 10_000)).toBe(
    '█████░░░░░░░░░░░░░░░ 250 of 1000 · 4 running · 3 failed · 25/s · 30.0 s left',
  );
});

test('without a total it tells what is done', () => {
  expect(progressText({ done: 5, total: undefined, failed: 0, running: 1 }, 1_000)).toBe('5 done · 1 running · 5.0/s');
});

test('nothing is foretold before the first has come', () => {
  expect(progressText({ done: 0, total: 2, failed: 0, running: 2 }, 0)).toBe(
    '░░░░░░░░░░░░░░░░░░░░ 0 of 2 · 2 running · 0.0/s',
  );
});
