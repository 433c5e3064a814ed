import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkedList } from '../../src/primitives/linked-list.ts';
import type { Linked } from '../../src/primitives/linked-list.ts';

class Item implements Linked<Item> {
  list: LinkedList<Item> | undefined = undefined;
  previous: Item | undefined = undefined;
  next: Item | undefined = undefined;
}

describe('LinkedList', () => {
  it('behaves like an array, whatever is done to it', () => {
    const step = fc.record({
      op: fc.constantFrom('push', 'push', 'shift', 'remove', 'move'),
      list: fc.constantFrom(0, 1),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const lists = [new LinkedList<Item>(), new LinkedList<Item>()] as const;
        const models: [Item[], Item[]] = [[], []];
        for (const { op, list: at, which } of steps) {
          const index = at;
          const list = lists[index];
          const model = models[index];
          const item = model[which % Math.max(1, model.length)];
          if (op === 'push') {
            const fresh = new Item();
            list.push(fresh);
            model.push(fresh);
          } else if (op === 'shift') {
            expect(list.shift()).toBe(model.shift());
          } else if (item !== undefined) {
            list.remove(item);
            model.splice(model.indexOf(item), 1);
            expect([item.list, item.previous, item.next]).toEqual([undefined, undefined, undefined]);
            if (op === 'move') {
              lists[1 - index]?.push(item);
              models[1 - index]?.push(item);
            }
          }
          lists.forEach((one, i) => {
            const expected = models[i] ?? [];
            expect([...one]).toEqual(expected);
            expect([one.size, one.first, one.last]).toEqual([expected.length, expected[0], expected.at(-1)]);
            expect(expected.every((member) => member.list === one)).toBe(true);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('may lose the item that an iteration has just given', () => {
    const list = new LinkedList<Item>();
    const items = [new Item(), new Item()];
    for (const item of items) list.push(item);
    for (const item of list) {
      list.remove(item);
      break;
    }
    expect([...list]).toEqual(items.slice(1));
  });
});
