import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from './pages.ts';

/** What tables of speed say beside a figure is what a reader finds who divides: both are rounded, and nothing else. */

type Row = readonly string[];

/** The rows of the tables of a page that have this in their head, the head included. */
function tables(path: string, head: string): Row[][] {
  const text = readFileSync(join(repositoryRoot, path), 'utf8');
  return [...text.matchAll(/(?:^\|.*\n)+/gm)]
    .map(([table]) =>
      table
        .trim()
        .split('\n')
        .map((line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ),
    )
    .filter(([first]) => first?.join().includes(head))
    .map((rows) => rows.filter((_, at) => at !== 1));
}

const numberOf = (text = ''): number => Number(/^[\d.,]+/.exec(text)?.[0].replaceAll(',', ''));

/** How far a number may be from what was written for it. */
const slack = (text: string): number =>
  0.5 / 10 ** (/\.(\d+)/.exec(/^[\d.,]+/.exec(text)?.[0] ?? '')?.[1]?.length ?? 0);

function expectQuotient(said: string, cell: string, base: string): void {
  const lowest = (numberOf(cell) - slack(cell)) / (numberOf(base) + slack(base)) - slack(said);
  const highest = (numberOf(cell) + slack(cell)) / (numberOf(base) - slack(base)) + slack(said);
  expect(numberOf(said), `${said} beside ${cell}, of ${base}`).toBeGreaterThanOrEqual(lowest - 1e-9);
  expect(numberOf(said), `${said} beside ${cell}, of ${base}`).toBeLessThanOrEqual(highest + 1e-9);
}

const brackets = (cell: string): string[] => /\(([^)]*)\)/.exec(cell)?.[1]?.split(', ') ?? [];

/** Each bracket of a table against the rows whose multiples it holds, in that order. */
function expectBrackets(rows: readonly Row[], ...bases: string[]): number {
  let count = 0;
  for (const row of rows.slice(1)) {
    for (const [column, cell] of row.entries()) {
      for (const [at, said] of brackets(cell).entries()) {
        if (column === 0 || said === '?') continue;
        expectQuotient(said, cell, rows.find(([name]) => name === bases[at])?.[column] ?? '');
        count += 1;
      }
    }
  }
  return count;
}

describe('the brackets', () => {
  test('of the README are multiples of tasker', () => {
    const [table = []] = tables('README.md', '× tasker');
    expect(expectBrackets(table, '**tasker**')).toBeGreaterThan(20);
  });

  test('of the page about speed are multiples of the floor and of tasker', () => {
    const found = tables('docs/speed-figures.md', 'µs').concat(tables('docs/speed-figures.md', 'bytes'));
    for (const table of found) expect(expectBrackets(table, 'floor', 'tasker')).toBeGreaterThan(5);
    expect(found.length).toBeGreaterThan(8);
  });

  test('of the page about threads are multiples of tasker', () => {
    const [table = []] = tables('docs/threads-figures.md', 'no-op calls');
    expect(expectBrackets(table, '**tasker**')).toBeGreaterThan(15);
  });
});

/** What the README calls a row that the page calls otherwise. */
const NAMES: Readonly<Record<string, string>> = { 'by hand, no feature': 'floor', '**tasker**': 'tasker' };

test('the README says of others what the page about speed says', () => {
  const [readme = []] = tables('README.md', '× tasker');
  const [once = []] = tables('docs/speed-figures.md', '10,000,100,000');
  for (const [name, cell = ''] of readme.slice(1)) {
    const column = once[0]?.indexOf('100,000') ?? -1;
    expect(numberOf(cell)).toEqual(numberOf(once.find(([other]) => other === (NAMES[name ?? ''] ?? name))?.[column]));
  }
});

test('the guide to threads says what the page about threads says', () => {
  const [guide = []] = tables('docs/guides/threads.md', 'no-op calls');
  const [page = []] = tables('docs/threads-figures.md', 'no-op calls');
  const base = page.find(([name]) => name === '**tasker**') ?? [];
  for (const [name = '', ...cells] of guide.slice(1)) {
    const row = page.find(([other = '']) => other.split(' ')[0] === name.split(/[ :]/)[0]) ?? [];
    for (const [at, said] of cells.entries()) {
      if (name !== '**tasker**' && said !== '') expectQuotient(said, row[at + 1] ?? '', base[at + 1] ?? '');
    }
  }
});
