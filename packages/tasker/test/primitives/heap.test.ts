import fc from 'fast-check';
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
});
