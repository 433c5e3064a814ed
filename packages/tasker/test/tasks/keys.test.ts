import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { KeyGates } from '../../src/tasks/keys.ts';

interface Counts {
  waiting: number;
  running: number;
}

const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), op: fc.constantFrom('wait', 'start', 'leave', 'end') });

describe('KeyGates', () => {
  it('counts like a table of waiting and running tasks, and forgets keys of which nothing is left', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, Infinity), fc.array(step, { maxLength: 100 }), (cap, steps) => {
        const gates = new KeyGates(cap);
        const model = new Map<string, Counts>();
        for (const { key, op } of steps) {
          const counts = model.get(key) ?? { waiting: 0, running: 0 };
          const isPossible = {
            wait: true,
            start: counts.waiting > 0 && counts.running < cap,
            leave: counts.waiting > 0,
            end: counts.running > 0,
          };
          if (!isPossible[op]) continue;
          const [waiting, running] = { wait: [1, 0], start: [-1, 1], leave: [-1, 0], end: [0, -1] }[op] as [
            1 | 0 | -1,
            1 | 0 | -1,
          ];
          counts.waiting += waiting;
          counts.running += running;
          if (counts.waiting + counts.running === 0) model.delete(key);
          else model.set(key, counts);
          const gate = gates.count(key, waiting, running);
          expect([gate.waiting, gate.running, gates.isOpen(gate)]).toEqual([
            counts.waiting,
            counts.running,
            counts.running < cap,
          ]);
          let startable = 0;
          for (const one of model.values()) startable += Math.min(one.waiting, cap - one.running);
          expect(gates.startable).toBe(startable);
          const known = [...gates].map((one): [string, Counts] => [
            one.key,
            { waiting: one.waiting, running: one.running },
          ]);
          expect(new Map(known)).toEqual(model);
        }
      }),
    );
  });

  it('makes a gate when it is first asked for, and keeps it while something of the key is there', () => {
    const gates = new KeyGates(1);
    const gate = gates.count('a', 1, 0);
    expect([gates.gate('a'), gate.key]).toEqual([gate, 'a']);
    gates.count('a', -1, 0);
    expect(gates.gate('a')).not.toBe(gate);
  });
});
