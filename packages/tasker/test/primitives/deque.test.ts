import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../../src/primitives/deque.ts';

type Step =
  | { op: 'push' | 'unshift'; count: number }
  | { op: 'shift' | 'pop'; count: number }
  | { op: 'filter'; modulo: number }
  | { op: 'clear' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constantFrom('push' as const, 'unshift' as const), count: fc.integer({ min: 1, max: 700 }) }),
  fc.record({ op: fc.constantFrom('shift' as const, 'pop' as const), count: fc.integer({ min: 1, max: 900 }) }),
  fc.record({ op: fc.constant('filter' as const), modulo: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ op: fc.constant('clear' as const) }),
);

function filled(count: number): Deque<number> {
  const deque = new Deque<number>();
  for (let i = 0; i < count; i++) deque.push(i);
  return deque;
}

/** Slots held, which nothing public shows. */
function capacity(deque: Deque<unknown>): number {
  return (deque as unknown as { ring: unknown[] }).ring.length;
}

describe('Deque', () => {
  it('behaves like an array, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const deque = new Deque<number>();
        let model: number[] = [];
        let next = 0;
        for (const step of steps) {
          switch (step.op) {
            case 'push':
            case 'unshift':
              for (let i = 0; i < step.count; i++) {
                deque[step.op](next);
                model[step.op](next++);
              }
              break;
            case 'shift':
            case 'pop':
              for (let i = 0; i < step.count; i++) expect(deque[step.op]()).toBe(model[step.op]());
              break;
            case 'filter':
              deque.filter((value) => value % step.modulo === 0);
              model = model.filter((value) => value % step.modulo === 0);
              break;
            case 'clear':
              deque.clear();
              model = [];
          }
          expect(deque.size).toBe(model.length);
          expect(deque.peek()).toBe(model[0]);
          expect(deque.peekLast()).toBe(model.at(-1));
          expect([...deque]).toEqual(model);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives undefined when it is empty', () => {
    const deque = new Deque<string>();
    expect([deque.shift(), deque.pop(), deque.peek(), deque.peekLast(), deque.size]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });

  it('gives a burst its memory back, however it is emptied', () => {
    const emptied: ((deque: Deque<number>) => void)[] = [
      (deque) => {
        while (deque.size > 0) deque.shift();
      },
      (deque) => {
        while (deque.size > 0) deque.pop();
      },
      (deque) => deque.filter((value) => value < 10),
      (deque) => deque.clear(),
    ];
    for (const empty of emptied) {
      const deque = filled(100_000);
      expect(capacity(deque)).toBe(131_072);
      empty(deque);
      expect(capacity(deque)).toBeLessThanOrEqual(512);
    }
  });

  it('does not resize to and fro at a boundary', () => {
    const deque = filled(1025);
    const held = capacity(deque);
    for (let i = 0; i < 10; i++) {
      deque.shift();
      deque.push(i);
      expect(capacity(deque)).toBe(held);
    }
  });

  it('keeps no reference to what was removed', () => {
    const deque = new Deque<object>();
    for (let i = 0; i < 20; i++) deque.push({});
    deque.shift();
    deque.pop();
    let kept = 0;
    deque.filter(() => kept++ < 3);
    const slots = (deque as unknown as { ring: unknown[] }).ring;
    expect(slots.filter((slot) => slot !== undefined)).toHaveLength(3);
  });
});
