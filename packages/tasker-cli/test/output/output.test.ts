import { expect, test } from 'vitest';
import type { LineWriter } from '../../src/output/line-writer.ts';
import { encodeResult } from '../../src/basics/encoded-result.ts';
import { resultLine } from '../../src/output/result-line.ts';
import type { ResultLine } from '../../src/output/result-line.ts';
import { Results } from '../../src/output/results.ts';

const outcome = { index: 0, input: 'a', attempts: 1, waitMs: 0.2, runMs: 12.50049, finishedAt: 1_764_000_000_000 };
const lineOf = (end: { result: unknown } | { error: unknown }): ResultLine =>
  resultLine({ ...outcome, end: 'result' in end ? { result: encodeResult(end.result) } : end });
const parse = (end: { result: unknown } | { error: unknown }): Record<string, unknown> =>
  JSON.parse(lineOf(end).text) as Record<string, unknown>;

test('a result is a line in a fixed order of fields', () => {
  expect(lineOf({ result: [1] })).toEqual({
    text: '{"index":0,"input":"a","ok":true,"result":[1],"attempts":1,"waitMs":0.2,"runMs":12.5,"finishedAt":1764000000000}',
    error: undefined,
  });
});

test('an error has its name, its message, and its code if it has one', () => {
  const error = Object.assign(new TypeError('no'), { code: 'E_NO' });
  expect(lineOf({ error })).toEqual({
    text:
      '{"index":0,"input":"a","ok":false,"error":{"name":"TypeError","message":"no","code":"E_NO"},' +
      '"attempts":1,"waitMs":0.2,"runMs":12.5,"finishedAt":1764000000000}',
    error: { name: 'TypeError', message: 'no', code: 'E_NO' },
  });
  expect(parse({ error: new Error('no') }).error).toEqual({ name: 'Error', message: 'no' });
});

test('whatever else is thrown has a name and a message', () => {
  expect(parse({ error: 'text' }).error).toEqual({ name: 'Error', message: 'text' });
  expect(parse({ error: undefined }).error).toEqual({ name: 'Error', message: 'undefined' });
  expect(parse({ error: { status: 404 } }).error).toEqual({ name: 'Error', message: '{ status: 404 }' });
  const hostile = {
    get name(): string {
      throw new Error('never');
    },
  };
  expect(parse({ error: hostile }).error).toEqual({ name: 'Error', message: 'an error that cannot be read' });
});

test('a result that JSON cannot hold is a failure, and undefined is null', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const result of [circle, 1n, () => {}, Symbol('s')]) {
    expect(parse({ result })).toMatchObject({ ok: false, error: { name: 'TypeError', code: 'NOT_JSON' } });
  }
  expect(parse({ result: undefined })).toMatchObject({ ok: true, result: null });
});

const error = { name: 'Error', message: 'no' };
const writer = (lines: string[]): LineWriter =>
  ({ write: (line: string) => lines.push(line) }) as unknown as LineWriter;

function startResults(isOrdered: boolean): { results: Results; out: string[]; failures: string[] } {
  const out: string[] = [];
  const failures: string[] = [];
  return { results: new Results(writer(out), writer(failures), isOrdered), out, failures };
}

test('lines are written as they come; those of failures twice', () => {
  const { results, out, failures } = startResults(false);
  results.put(1, { text: 'b', error });
  results.put(0, { text: 'a', error: undefined });
  expect({ out, failures }).toEqual({ out: ['b', 'a'], failures: ['b'] });
});

test('ordered lines wait for those before them, but not for items that get none', () => {
  const { results, out } = startResults(true);
  results.put(2, { text: 'c', error: undefined });
  results.put(1, null);
  expect({ out, held: results.held }).toEqual({ out: [], held: 2 });
  results.put(0, { text: 'a', error: undefined });
  expect({ out, held: results.held }).toEqual({ out: ['a', 'c'], held: 0 });
});
