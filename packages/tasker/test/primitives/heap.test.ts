import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../src/primitives/heap.ts';

const ascending = (): Heap<number> => new Heap((a, b) => a < b);

describe('Heap', () => {
  it('always gives the first of what is inside', () => {
    const operation = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant('pop' as const));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const heap = ascending();
        let model: number[] = [];
        for (const operation of operations) {
          if (operation === 'pop') {
            expect(heap.pop()).toBe(model[0]);
            model.shift();
          } else {
            heap.push(operation);
            model = [...model, operation].toSorted((a, b) => a - b);
          }
          expect(heap.size).toBe(model.length);
          expect(heap.peek()).toBe(model[0]);
        }
        expect([...heap].toSorted((a, b) => a - b)).toEqual(model);
      }),
    );
  });

  it('gives undefined when it is empty', () => {
    const heap = ascending();
    expect([heap.peek(), heap.pop(), heap.size]).toEqual([undefined, undefined, 0]);
  });

  it('forgets everything when it is cleared', () => {
    const heap = ascending();
    heap.push(2);
    heap.push(1);
    heap.clear();
    expect([heap.peek(), heap.size, [...heap]]).toEqual([undefined, 0, []]);
  });

  it('tells each value where it is, so that it can be removed or settled there', () => {
    const operation = fc.oneof(
      fc.record({ op: fc.constant('push' as const), rank: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ op: fc.constant('remove' as const), which: fc.nat() }),
      fc.record({ op: fc.constant('settle' as const), which: fc.nat(), rank: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ op: fc.constant('pop' as const) }),
      fc.record({ op: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 150 }), (operations) => {
        type Value = { rank: number; slot: number };
        const heap = new Heap<Value>(
          (a, b) => a.rank < b.rank,
          (value, slot) => (value.slot = slot),
        );
        const inside: Value[] = [];
        const gone: Value[] = [];
        for (const one of operations) {
          if (one.op === 'push') {
            const value = { rank: one.rank, slot: -1 };
            inside.push(value);
            heap.push(value);
          } else if (one.op === 'pop') {
            const first = heap.pop();
            if (first !== undefined) gone.push(...inside.splice(inside.indexOf(first), 1));
          } else if (one.op === 'clear') {
            heap.clear();
            gone.push(...inside.splice(0));
          } else {
            const value = inside[one.which % Math.max(1, inside.length)];
            if (value === undefined) continue;
            if (one.op === 'remove') {
              heap.remove(value.slot);
              gone.push(...inside.splice(inside.indexOf(value), 1));
            } else {
              value.rank = one.rank;
              heap.settle(value.slot);
            }
          }
          expect(heap.peek()?.rank ?? Infinity).toBe(Math.min(...inside.map(({ rank }) => rank)));
          expect([...heap].map(({ slot }) => slot)).toEqual(Array.from(inside, (_, slot) => slot));
          expect(gone.every(({ slot }) => slot === -1)).toBe(true);
        }
      }),
    );
  });
});
