import { shellWord } from '../../src/basics/shell-word.ts';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/basics/duration.ts';
import { parseRate } from '../../src/basics/rate.ts';
import { shuffle } from '../../src/basics/shuffle.ts';

test('a duration is a number with a unit, or of seconds', () => {
  expect(['500ms', '30s', '2m', '1h', '1.5', '0'].map(parseDuration)).toEqual([
    500, 30_000, 120_000, 3_600_000, 1_500, 0,
  ]);
  expect(['', 's', '-1s', '1 s', '1d', '1e3', 'NaN'].map(parseDuration)).toEqual(Array.from({ length: 7 }));
});

test('a duration is written for people', () => {
  expect([0.4, 999, 3_440, 9_000, 59_990, 320_000, 7_380_000, 273_600_000].map(formatDuration)).toEqual([
    '0 ms',
    '999 ms',
    '3.4 s',
    '9 s',
    '1 min 0 s',
    '5 min 20 s',
    '2 h 3 min',
    '3 d 4 h',
  ]);
});

test('a rate is a number for each unit of time', () => {
  expect(['20/s', '600/min', '0.5/h'].map(parseRate)).toEqual([
    { limit: 20, interval: 1_000 },
    { limit: 600, interval: 60_000 },
    { limit: 0.5, interval: 3_600_000 },
  ]);
  expect(['20', '0/s', '-1/s', '20/d', '/s', '20/ s'].map(parseRate)).toEqual(Array.from({ length: 6 }));
});

function shuffled(seed: number): number[] {
  const list = Array.from({ length: 100 }, (_, i) => i);
  shuffle(list, seed);
  return list;
}

test('the same seed gives the same order, another one another, and nothing is lost', () => {
  expect(shuffled(1)).toEqual(shuffled(1));
  expect(shuffled(1)).not.toEqual(shuffled(2));
  expect(shuffled(1).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test.each([
  ['photos/a.jpg', 'photos/a.jpg'],
  ['a$(id) b', "'a$(id) b'"],
  ['~', "'~'"],
  ["it's", String.raw`'it'\''s'`],
  ['', "''"],
])('a word to be pasted into a shell means itself: %s', (word, written) => {
  expect(shellWord(word)).toBe(written);
});
