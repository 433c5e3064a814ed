import { describe, expect, it } from 'vitest';
import { KeyGate } from '../../src/tasks/keys.ts';
import { Level } from '../../src/tasks/level.ts';
import type { Lane } from '../../src/tasks/level.ts';
import { failOnce, newTask } from '../support/task-records.ts';

const anybody = { isOpen: () => true, accepts: () => true };

describe('Level', () => {
  it('gives retries first, then the fresh tasks, each first in first out', () => {
    const level = new Level<unknown>(0);
    const [a, b, c, d] = [newTask(), newTask(), newTask(), newTask()];
    failOnce(b, 1);
    failOnce(d, 1);
    for (const task of [a, b, c, d]) level.push(task, undefined);
    expect(level.size).toBe(4);
    expect([...level]).toEqual([b, d, a, c]);
    expect(Array.from({ length: 5 }, () => level.shift(anybody))).toEqual([b, d, a, c, undefined]);
    expect(level.size).toBe(0);
  });

  it('lets go of a task in the middle', () => {
    const level = new Level<unknown>(0);
    const [a, b, c] = [newTask(), newTask(), newTask()];
    for (const task of [a, b, c]) level.push(task, undefined);
    level.remove(b);
    expect([level.size, [...level]]).toEqual([2, [a, c]]);
    expect([level.shift(anybody), level.shift(anybody), level.shift(anybody)]).toEqual([a, c, undefined]);
  });

  it('knows the oldest and the newest of its fresh tasks, and since when the longest waiting waits', () => {
    const level = new Level<unknown>(0);
    expect([level.fresh('oldest'), level.fresh('newest'), level.oldest()]).toEqual([undefined, undefined, Infinity]);
    const [a, b, retry] = [newTask({ queuedAt: 30 }), newTask({ queuedAt: 40 }), newTask({ queuedAt: 1 })];
    failOnce(retry, 20);
    for (const task of [a, b, retry]) level.push(task, undefined);
    expect([level.fresh('oldest'), level.fresh('newest'), level.oldest()]).toEqual([a, b, 20]);
    level.remove(retry);
    expect(level.oldest()).toBe(30);
  });

  it('lets keys take turns, all tasks without a key being one of them', () => {
    const level = new Level<unknown>(0);
    const gates = { a: new KeyGate<Lane<unknown>>('a'), b: new KeyGate<Lane<unknown>>('b') };
    const names = new Map<unknown, string>();
    for (const name of ['a1', 'a2', 'a3', '-1', '-2', 'b1', 'b2']) {
      const key = name[0] as 'a' | 'b' | '-';
      const task = newTask(key === '-' ? {} : { key });
      names.set(task, name);
      level.push(task, key === '-' ? undefined : gates[key]);
    }
    const order = Array.from({ length: 7 }, () => names.get(level.shift(anybody)));
    expect(order).toEqual(['a1', '-1', 'b1', 'a2', '-2', 'b2', 'a3']);
  });

  it('passes over a key at its cap and a retry that is not accepted', () => {
    const level = new Level<unknown>(0);
    const gate = new KeyGate<Lane<unknown>>('full');
    const [retry, capped, plain] = [newTask(), newTask({ key: 'full' }), newTask()];
    failOnce(retry, 1);
    level.push(retry, undefined);
    level.push(capped, gate);
    level.push(plain, undefined);
    const picky = { isOpen: () => false, accepts: () => false };
    expect([level.shift(picky), level.shift(picky), level.size]).toEqual([plain, undefined, 2]);
    expect(gate.parked).toHaveLength(1);
    for (const lane of gate.parked.splice(0)) level.list(lane);
    expect([level.shift(anybody), level.shift(anybody)]).toEqual([retry, capped]);
  });

  it('forgets a key at its cap once its last waiting task is taken out', () => {
    const level = new Level<unknown>(0);
    const gate = new KeyGate<Lane<unknown>>('full');
    const capped = newTask({ key: 'full' });
    level.push(capped, gate);
    expect(level.shift({ isOpen: () => false, accepts: () => true })).toBe(undefined);
    expect(gate.parked).toHaveLength(1);
    level.remove(capped);
    expect([gate.parked, level.size, [...level]]).toEqual([[], 0, []]);
  });

  it('forgets the lane of a key with its last task, whoever takes it', () => {
    const level = new Level<unknown>(0);
    const gates = Array.from({ length: 10 }, (_, i) => {
      const gate = new KeyGate<Lane<unknown>>(`k${i}`);
      const task = newTask({ key: gate.key });
      level.push(task, gate);
      if (i % 2 === 0) level.remove(task);
      else level.shift(anybody);
      return new WeakRef(gate);
    });
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        (globalThis.gc as () => void)(); // vitest.config.ts exposes it
        expect([level.size, gates.filter((gate) => gate.deref() !== undefined)]).toEqual([0, []]);
        resolve();
      });
    });
  });
});
