import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENTRY_POINTS, REPORTS, writeReport } from '../../../../api/reports.ts';

/** Needs `npm run build` first. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(ENTRY_POINTS)('$report tells the public API as it is; `npm run api` writes it anew', (entryPoint) => {
  const { report } = entryPoint;
  expect(writeReport(entryPoint, folder)).toEqual([]);
  expect(readFileSync(join(folder, report), 'utf8')).toBe(readFileSync(join(REPORTS, report), 'utf8'));
});

test('there is no report of an entry point that is gone', () => {
  const reports = readdirSync(REPORTS).filter((name) => name.endsWith('.api.md'));
  expect(reports.toSorted()).toEqual(ENTRY_POINTS.map(({ report }) => report).toSorted());
});
