import { expect, test } from 'vitest';
import { plainValue } from '../../src/basics/plain-value.ts';
import { shownError } from '../../src/basics/shown-error.ts';

const circular: Record<string, unknown> = { name: 'a' };
circular['self'] = circular;

const throwing = {
  get fine() {
    return 1;
  },
  get bad() {
    throw new Error('no');
  },
};

const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('no');
    },
    ownKeys: () => {
      throw new Error('no');
    },
    getPrototypeOf: () => {
      throw new Error('no');
    },
  },
);

test.each<[string, unknown, unknown]>([
  ['text', 'a', 'a'],
  ['a number', 1.5, 1.5],
  ['what is no number', Number.NaN, 'NaN'],
  ['a bigint', 10n, '10'],
  ['undefined', undefined, 'undefined'],
  ['a function', () => 1, '[function]'],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a date that is none', new Date(Number.NaN), '[invalid date]'],
  ['an error', new RangeError('no'), 'RangeError: no'],
  ['bytes', new Uint8Array(3), '[3 bytes]'],
  ['an object', { tenant: 'a', list: [1, null, true] }, { tenant: 'a', list: [1, null, true] }],
  ['a toJSON, which is not called', { toJSON: () => 'secret' }, { toJSON: '[function]' }],
  ['a getter that throws', throwing, { fine: 1, bad: '[unreadable]' }],
  ['a proxy that throws', { hostile }, { hostile: '[unreadable]' }],
])('%s is shown', (_, value, shown) => {
  expect(plainValue(value)).toEqual(shown);
  expect(JSON.parse(JSON.stringify(plainValue(value)))).toEqual(shown);
});

test('what is deep, long or circular is cut', () => {
  expect(JSON.stringify(plainValue(circular)).length).toBeLessThan(200);
  expect(plainValue({ a: { b: { c: { d: { e: 1 } } } } })).toEqual({ a: { b: { c: { d: '{…}' } } } });
  expect(plainValue('x'.repeat(10_000))).toHaveLength(500);
  expect(plainValue('🦊'.repeat(1_000))).toBe(`${'🦊'.repeat(249)}…`);
  expect(plainValue(Array.from({ length: 1_000 }, () => 1))).toHaveLength(31);
  const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`key ${i}`, i]));
  expect(Object.keys(plainValue(wide) as object)).toHaveLength(31);
});

test('an error is shown with its code, stack and cause', () => {
  const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'E_OUTER' });
  expect(shownError(error)).toMatchObject({
    name: 'Error',
    message: 'outer',
    code: 'E_OUTER',
    stack: expect.stringContaining('shown.test.ts'),
    cause: { name: 'TypeError', message: 'inner' },
  });
});

test.each<[string, unknown, object]>([
  ['text', 'no', { name: 'string', message: 'no' }],
  ['undefined', undefined, { name: 'undefined', message: 'undefined' }],
  ['an object', { a: 1 }, { name: 'Error', message: '[object Object]' }],
  ['an object without a prototype', Object.create(null), { message: 'a value that cannot be printed' }],
  ['a proxy that throws', hostile, { message: 'a value that cannot be printed' }],
  ['an error with fields of other types', { name: 5, message: {}, code: [], stack: 1 }, { name: 'Error' }],
])('%s that was thrown is shown', (_, thrown, shown) => {
  expect(shownError(thrown)).toMatchObject(shown);
});

test('an error is never large', () => {
  const error = new Error('x'.repeat(100_000));
  error.name = 'y'.repeat(100_000);
  error.cause = error;
  expect(JSON.stringify(shownError(error)).length).toBeLessThan(20_000);
});
