import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { PrioritySearchTree } from '../../src/primitives/priority-search-tree.ts';
import type { TreeNode } from '../../src/primitives/priority-search-tree.ts';

interface Item {
  readonly at: number;
  readonly rank: number;
  readonly number: number;
}

const isAhead = (a: Item, b: Item): boolean => a.rank < b.rank || (a.rank === b.rank && a.number < b.number);

const first = (items: Item[]): Item | undefined => items.toSorted((a, b) => (isAhead(a, b) ? -1 : 1))[0];

const operation = fc.oneof(
  fc.record({ at: fc.integer({ min: 0, max: 12 }), rank: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ remove: fc.nat() }),
);

describe('PrioritySearchTree', () => {
  it('gives the first of all, of those up to a number and of those above it', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 150 }), fc.integer({ min: -1, max: 13 }), (operations, limit) => {
        const tree = new PrioritySearchTree<Item>(isAhead);
        const model: TreeNode<Item>[] = [];
        let number = 0;
        for (const one of operations) {
          if ('at' in one) {
            model.push(tree.add(one.at, { ...one, number: ++number }));
          } else {
            const [node] = model.splice(one.remove % Math.max(1, model.length), 1);
            if (node !== undefined) tree.remove(node);
          }
          const items = model.map(({ value }) => value);
          expect(tree.size).toBe(items.length);
          expect(tree.best).toBe(first(items));
          expect(tree.upTo(limit)).toBe(first(items.filter(({ at }) => at <= limit)));
          expect(tree.above(limit)).toBe(first(items.filter(({ at }) => at > limit)));
          const best = Math.min(...items.map(({ rank }) => rank));
          const places = items.filter(({ rank }) => rank === best).map(({ at }) => at);
          expect(tree.lowest(({ rank }) => rank === best)?.at ?? Infinity).toBe(Math.min(...places));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('looks at a few values, whatever the order in which they come and go', () => {
    const count = 65_536;
    for (const place of [(n: number) => n, (n: number) => -n, (n: number) => (n * 40_503) % count, () => 0]) {
      let looks = 0;
      const tree = new PrioritySearchTree<number>((a, b) => (looks++, a < b));
      const nodes = Array.from({ length: count }, (_, n) => tree.add(place(n), n));
      expect(looks / count).toBeLessThan(100); // some 40, two for each node on the way down
      looks = 0;
      for (let n = 0; n < count; n++) tree.above(n);
      for (const node of nodes) tree.remove(node);
      expect(looks / count).toBeLessThan(150);
    }
  });

  it('removes nothing that is not inside', () => {
    const tree = new PrioritySearchTree<number>((a, b) => a < b);
    const node = tree.add(1, 1);
    tree.remove(node);
    expect(() => tree.remove(node)).toThrow('inside');
  });
});
