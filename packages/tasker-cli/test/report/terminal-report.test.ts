import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { noPaint } from '../../src/basics/paint.ts';
import type { Result } from '../../src/output/read-results.ts';
import { ReportBuilder } from '../../src/report/run-report.ts';
import { terminalReport } from '../../src/report/terminal-report.ts';

const NOON = Date.parse('2026-11-25T12:00:00');

/** The lines of a report of so many columns. */
function linesOf(results: readonly Partial<Result>[], columns: number): string[] {
  const builder = new ReportBuilder();
  for (const [index, result] of results.entries()) {
    const usual = { index, input: `item ${index}`, ok: true, attempts: 1, waitMs: 1, runMs: 100, text: '' };
    builder.add({ ...usual, finishedAt: NOON + index * 1_000, ...result });
  }
  return terminalReport(builder.report(), { name: 'out.jsonl', columns, paint: noPaint });
}

/** The lines from a title to the next blank one. */
function sectionOf(lines: readonly string[], title: string): string[] {
  const start = lines.findIndex((line) => line.startsWith(title)) + 1;
  return lines.slice(start, lines.indexOf('', start) < 0 ? undefined : lines.indexOf('', start));
}

test('no line is wider than the terminal, whatever is in the file', () => {
  const long = '日本語👩‍👩‍👧 and a message that does not end '.repeat(20);
  const failed = { ok: false, error: { name: 'Error'.repeat(30), message: long, code: long }, input: [long] };
  const results = Array.from({ length: 2_000 }, (_, i) => ({
    ...(i % 3 === 0 ? failed : { input: long }),
    runMs: 10 ** (i % 9),
    waitMs: 3_599_999 + i,
  }));
  for (const columns of [40, 60, 80, 120, 300]) {
    const wide = linesOf(results, columns).filter((line) => stringWidth(line) > Math.max(columns, 60));
    expect(wide).toEqual([]);
  }
});

test('throughput is drawn in the columns there are, with what failed below', () => {
  const results = Array.from({ length: 120 }, (_, i) => ({
    finishedAt: NOON + (i < 100 ? i * 100 : 10_000 + (i - 100) * 500),
    runMs: 0,
    ok: i < 100 || i % 2 === 0,
  }));
  expect(sectionOf(linesOf(results, 60), 'Throughput')).toEqual([
    '    10/s ┤████████████████████                    ',
    '         │████████████████████                    ',
    '         │████████████████████                    ',
    '       5 ┤████████████████████                    ',
    '         │████████████████████▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂',
    '         │████████████████████████████████████████',
    '       0 └────────────────────────────────────────',
    '  failed                       █ █ █ █ █ █ █ █ █ █',
    '          12:00:00                        12:00:19',
  ]);
});

test('a slow run is told by the minute or by the hour', () => {
  for (const [ms, rate] of [
    [100, '10/s'],
    [20_000, '3/min'],
    [120_000, '30/h'],
  ] as const) {
    const results = Array.from({ length: 10 }, (_, i) => ({ finishedAt: NOON + i * ms, runMs: ms }));
    expect(linesOf(results, 80)).toContain(`  throughput  ${rate}`);
  }
});

test('ten kinds of errors are shown, and how many failures are of others', () => {
  const results = Array.from({ length: 30 }, (_, i) => {
    const message = 'abcdefghijkl'.charAt(i % 12).repeat(3);
    return { ok: false, error: { name: 'Error', message } };
  });
  const errors = sectionOf(linesOf(results, 80), 'Errors');
  expect(errors.filter((line) => /^ {2}\d/.test(line))).toHaveLength(11);
  expect(errors.slice(0, 2)).toEqual(['  3  Error: aaa', '     item 0: "item 0"']);
  expect(errors.at(-1)).toBe('  4 failures of other kinds');
});

test('items that never ran have no run time', () => {
  const lines = linesOf([{ attempts: 0, runMs: 0, ok: false }, { runMs: 100 }], 80);
  expect(lines).toContain('  run   100 ms  100 ms  100 ms  100 ms  100 ms  100 ms');
  expect(sectionOf(lines, 'Slowest')).toHaveLength(1);
  expect(linesOf([{ attempts: 0, runMs: 0, ok: false }], 80)).not.toContain('Slowest');
  const unknown = { name: 'OutcomeUnknown', message: 'how it ended is not known', code: 'OUTCOME_UNKNOWN' };
  expect(linesOf([{ runMs: 0, ok: false, error: unknown }], 80)).not.toContain('Slowest');
});

test('what is not all is never called 100 %', () => {
  const results = Array.from({ length: 5_000 }, (_, i) => ({ ok: i > 0 }));
  const lines = linesOf(results, 80);
  expect(lines).toContain('  ok          4,999 (> 99.9 %)');
  expect(lines).toContain('  failed      1 (< 0.1 %)');
});
