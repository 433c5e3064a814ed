import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../src/primitives/fifo.ts';
import type { Slotted } from '../../src/primitives/fifo.ts';

class Item implements Slotted {
  slot = -1;
}

/** Slots held, which nothing public shows. */
function capacity(queue: Fifo<Item>): number {
  return (queue as unknown as { ring: unknown[] }).ring.length;
}

function filled(count: number): { queue: Fifo<Item>; items: Item[] } {
  const queue = new Fifo<Item>();
  const items = Array.from({ length: count }, () => new Item());
  for (const item of items) queue.push(item);
  return { queue, items };
}

describe('Fifo', () => {
  it('behaves like an array, whatever is done to it', () => {
    const step = fc.record({
      op: fc.constantFrom('push', 'push', 'shift', 'remove', 'remove last', 'move'),
      count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 700 })),
      queue: fc.constantFrom(0, 1),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queues = [new Fifo<Item>(), new Fifo<Item>()] as const;
        const models: [Item[], Item[]] = [[], []];
        for (const { op, count, queue: at, which } of steps) {
          const queue = queues[at];
          const model = models[at];
          for (let i = 0; i < count; i++) {
            const index = op === 'remove last' ? model.length - 1 : which % Math.max(1, model.length);
            const item = model[index];
            if (op === 'push') {
              const fresh = new Item();
              queue.push(fresh);
              model.push(fresh);
            } else if (op === 'shift') {
              const first = model.shift();
              expect(queue.shift()).toBe(first);
              if (first !== undefined) expect(first.slot).toBe(-1);
            } else if (item !== undefined) {
              queue.remove(item);
              model.splice(index, 1);
              expect(item.slot).toBe(-1);
              if (op === 'move') {
                queues[1 - at]?.push(item);
                models[1 - at]?.push(item);
              }
            }
            expect([queue.size, queue.first === model[0], queue.last === model.at(-1)]).toEqual([
              model.length,
              true,
              true,
            ]);
          }
          queues.forEach((one, i) => expect([...one]).toEqual(models[i]));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives its memory back after a burst, taken from the front or from anywhere', () => {
    for (const leave of ['shift', 'remove'] as const) {
      const { queue, items } = filled(100_000);
      expect(capacity(queue)).toBe(131_072);
      for (const item of items.slice(0, 99_990)) {
        if (leave === 'shift') queue.shift();
        else queue.remove(item);
      }
      expect(capacity(queue)).toBeLessThanOrEqual(1_024);
      expect([...queue]).toEqual(items.slice(99_990));
    }
  });

  it('closes its holes rather than grow for ever', () => {
    const { queue } = filled(1);
    for (let i = 0; i < 10_000; i++) {
      const item = new Item();
      queue.push(item);
      queue.push(new Item());
      queue.remove(item);
      if (i % 2 === 0) queue.shift();
      if (queue.size > 4) queue.shift();
    }
    expect(capacity(queue)).toBeLessThanOrEqual(16);
  });

  it('keeps no reference to what has left', () => {
    const { queue, items } = filled(20);
    for (const item of items.slice(3, 12)) queue.remove(item);
    queue.shift();
    const held = (queue as unknown as { ring: (Item | undefined)[] }).ring.filter((item) => item !== undefined);
    expect(held).toHaveLength(queue.size);
  });
});
