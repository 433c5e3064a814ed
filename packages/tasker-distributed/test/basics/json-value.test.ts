import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_PAYLOAD_BYTES, jsonCopy } from '../../src/basics/json-value.ts';

const complaint = (value: unknown): string => {
  try {
    jsonCopy(value, 'input');
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
};

test('whatever JSON gives back as it was may pass', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed: unknown = JSON.parse(JSON.stringify(value));
      expect(jsonCopy(parsed, 'input')).toEqual(parsed);
    }),
  );
  expect(complaint(undefined)).toBe('none');
  expect(complaint({ a: undefined })).toBe('none');
  expect(complaint(Object.assign(Object.create(null), { a: 1 }))).toBe('none');
});

test('what JSON would change or lose is refused, and the message says where it is', () => {
  class Point {
    x = 1;
  }
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(complaint({ a: [1, { b: Number.NaN }] })).toBe('input.a[1].b must be JSON, got NaN');
  expect(complaint(Infinity)).toBe('input must be JSON, got Infinity');
  expect(complaint([undefined])).toBe('input[0] must be JSON, got undefined');
  expect(complaint({ at: new Date(0) })).toBe('input.at must be JSON, got a Date');
  expect(complaint(new Map())).toBe('input must be JSON, got a Map');
  expect(complaint({ data: Buffer.from('x') })).toBe('input.data must be JSON, got a Buffer');
  expect(complaint([new Point()])).toBe('input[0] must be JSON, got a Point');
  expect(complaint({ f: () => 1 })).toBe('input.f must be JSON, got a function');
  expect(complaint(Symbol('s'))).toBe('input must be JSON, got a symbol');
  expect(complaint({ n: 1n })).toContain('input must be JSON: ');
  expect(complaint(circle)).toContain('input must be JSON: Converting circular structure');
});

test('text that not every store keeps is refused, and so is what is nested too deeply', () => {
  expect(complaint({ a: ['b\0c'] })).toBe('input.a[0] must be text without NUL and lone surrogates');
  expect(complaint('\uD83D')).toBe('input must be text without NUL and lone surrogates');
  expect(complaint({ a: { '\0': 1 } })).toBe('input.a must have keys without NUL and lone surrogates');
  expect(complaint(['😀', '\\u0000', '\u0001\uFFFF'])).toBe('none');
  for (const depth of [2_000, 3_000, 4_000, 100_000]) {
    let deep: unknown = 0;
    for (let i = 0; i < depth; i++) deep = [deep];
    expect(complaint(deep)).toMatch(/^none$|^input must be JSON: Maximum call stack/);
  }
});

test('more than 1 MiB of UTF-8 is refused', () => {
  expect(complaint('x'.repeat(MAX_PAYLOAD_BYTES - 2))).toBe('none');
  expect(complaint('x'.repeat(MAX_PAYLOAD_BYTES - 1))).toContain('must be 1 MiB of JSON at most, got 1048577 bytes');
  expect(complaint('ü'.repeat(MAX_PAYLOAD_BYTES / 2))).toContain('1 MiB');
});
