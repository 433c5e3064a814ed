import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { describe as print, nearest } from '../../src/primitives/check.ts';

class Pool {
  size = 0;
}

function onCreate(): void {}

describe('describe', () => {
  const cases: [unknown, string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [0, '0'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [1.5, '1.5'],
    [12n, '12n'],
    [Symbol('s'), 'Symbol(s)'],
    ['', '""'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['x'.repeat(100), `"${'x'.repeat(39)}…"`],
    [[], '[Array(0)]'],
    [[1, 2, 3], '[Array(3)]'],
    [{ a: 1 }, '[Object]'],
    [Object.create(null), '[Object]'],
    [{ constructor: 'none' }, '[Object]'],
    [new Map(), '[Map]'],
    [new Pool(), '[Pool]'],
    [
      new (class {
        size = 0;
      })(),
      '[Object]',
    ],
    [new Date(0), '[Date]'],
    [new Date(Number.NaN), '[Invalid Date]'],
    [new TypeError('no'), '[TypeError]'],
    [Promise.resolve(), '[Promise]'],
    [onCreate, '[Function onCreate]'],
    [() => {}, '[Function]'],
    [Pool, '[Function Pool]'],
    [Object.defineProperty(() => {}, 'name', { value: 7 }), '[Function]'],
  ];

  it.each(cases)('prints %o as %s', (value, expected) => {
    expect(print(value)).toBe(expected);
  });

  it('does not throw, whatever it is given', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trap = Object.defineProperty({}, 'constructor', {
      get() {
        throw new Error('no');
      },
    });
    expect([print(proxy), print(trap)]).toEqual(['[unprintable]', '[unprintable]']);
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          expect(print(value).length).toBeLessThan(100);
        },
      ),
    );
  });
});

describe('nearest', () => {
  const known = [
    'workerCount',
    'maxWorkerCount',
    'resourcePoolSize',
    'maxQueueSize',
    'timeout',
    'name',
    'aging',
    'clock',
  ];

  it.each([
    ['workerCuont', 'workerCount'],
    ['workercount', 'workerCount'],
    ['wokerCount', 'workerCount'],
    ['worker_count', 'workerCount'],
    ['maxWorkers', 'maxWorkerCount'],
    ['poolSize', 'resourcePoolSize'],
    ['queueSize', 'maxQueueSize'],
    ['timeOut', 'timeout'],
    ['taskTimeout', 'timeout'],
    ['nmae', 'name'],
    ['names', 'name'],
  ])('takes %s for %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it.each(['foo', 'x', '', 'banana', 'zzzzzzzzzzzz'])('has no idea what %s may be', (word) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  it('does not take the end of a word for it', () => {
    expect(nearest('done', ['abandoned'])).toBeUndefined();
  });

  it('knows nothing where nothing is known', () => {
    expect(nearest('name', [])).toBeUndefined();
  });

  it('finds a known word again after one slip of the finger', () => {
    const slip = fc.tuple(fc.constantFrom(...known), fc.nat(), fc.constantFrom('insert', 'delete', 'replace', 'swap'));
    fc.assert(
      fc.property(slip, ([word, position, kind]) => {
        const i = position % (word.length - 1);
        const slipped = {
          insert: `${word.slice(0, i)}q${word.slice(i)}`,
          delete: word.slice(0, i) + word.slice(i + 1),
          replace: `${word.slice(0, i)}q${word.slice(i + 1)}`,
          swap: `${word.slice(0, i)}${word[i + 1]}${word[i]}${word.slice(i + 2)}`,
        }[kind];
        expect(nearest(slipped, known)).toBe(word);
      }),
    );
  });
});
