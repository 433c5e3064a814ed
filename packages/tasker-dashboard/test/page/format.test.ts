import { expect, test } from 'vitest';
import { ago, count, counted, duration, percent, rate } from '../../src/page/format.ts';

test.each<[number | null | undefined, string]>([
  [undefined, '–'],
  [null, '–'],
  [Infinity, '–'],
  [0, '0 ms'],
  [0.0123, '0.012 ms'],
  [1.234, '1.2 ms'],
  [999, '999 ms'],
  [999.9, '1 s'],
  [59_999, '59.9 s'],
  [60_000, '1 min'],
  [61_500, '1 min 1 s'],
  [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'],
  [90_000_000, '1 d 1 h'],
])('%s ms are written as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('numbers that JSON cannot hold are written, too', () => {
  expect([count(null), rate(null), percent(null)]).toEqual(['∞', '–', '–']);
  expect([count(1_234.4), counted(1, 'task'), counted(2, 'task')]).toEqual(['1,234', '1 task', '2 tasks']);
  expect([rate(0), rate(0.123), rate(12.34), rate(1_234)]).toEqual(['0/s', '0.12/s', '12.3/s', '1,234/s']);
  expect([percent(0), percent(0.0123), percent(1)]).toEqual(['0 %', '1.2 %', '100 %']);
  expect([ago(0, 500), ago(0, 1_999), ago(0, 60_000)]).toEqual(['just now', '1 s ago', '1 min ago']);
});
