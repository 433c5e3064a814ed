import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../../src/tasks/queue.ts';
import type { TaskRecord } from '../../src/tasks/task.ts';
import { failOnce, newTask, placeAt } from '../support/task-records.ts';

type Task = TaskRecord<unknown>;

const which = fc.nat();
const priority = fc.constantFrom(-1, 0, 1, 1.5, 2);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('push' as const),
      priority,
      key: fc.constantFrom(undefined, 'a', 'b', 'c'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constant('shift' as const) }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('end' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('retry' as const), which, isHeld: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('unhold' as const), which }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('remove' as const), which }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('reprioritize' as const), which, priority }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
);

/** Takes one out of a list, the same for the same number. */
function take(list: Task[], index: number): Task | undefined {
  return list.splice(index % Math.max(1, list.length), 1)[0];
}

/** What a queue should hold, in the plainest form: lists, gone through from the start. */
class Model {
  /** Those that may be started, in the order in which they came. */
  readonly ready: Task[] = [];
  readonly held: Task[] = [];
  readonly running: Task[] = [];
  readonly cap: number;
  readonly aging: number;

  constructor(cap: number, aging: number) {
    this.cap = cap;
    this.aging = aging;
  }

  isCapped(key: string | undefined): boolean {
    return key !== undefined && this.running.filter((task) => task.key === key).length >= this.cap;
  }

  oldest(): number {
    return Math.min(
      ...this.ready.map((task) => (task.state === 'queued' ? task.queuedAt : (task.extras?.failedAt ?? NaN))),
    );
  }

  /** At one end of the lanes of the lowest priority: there the one that was submitted first (0) or last (-1). */
  lowest(end: 0 | -1): Task | undefined {
    const fresh = this.ready.filter(({ state }) => state === 'queued');
    const least = Math.min(...fresh.map((task) => task.priority));
    const lowest = fresh.filter((task) => task.priority === least);
    const keys = [...new Set(lowest.map(({ key }) => key))];
    const ends = keys.map((key) => lowest.filter((task) => task.key === key).at(end) as Task); // each key has one
    return ends.toSorted((a, b) => a.sequence - b.sequence).at(end);
  }

  rank(task: Task, now: number): number {
    return task.priority + (this.aging < Infinity ? Math.floor((now - task.queuedAt) / this.aging) : 0);
  }

  /** Those that might be taken next: first retries, of the others the first of each key. */
  candidates(): Task[] {
    const heads = new Set<string>();
    return this.ready.filter((task) => {
      if (this.isCapped(task.key)) return false;
      if (task.state === 'retrying') return true;
      const lane = `${task.priority} ${task.key ?? ''}`;
      if (heads.has(lane)) return false;
      heads.add(lane);
      return true;
    });
  }
}

describe('WorkQueue with keys', () => {
  it('gives a task that comes first among those that may start, whatever is done to it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, Infinity),
        fc.constantFrom(Infinity, 10),
        fc.array(step, { maxLength: 120 }),
        fc.nat({ max: 40 }), // from which step on the queue is asked for what it works out only then
        fc.constantFrom('oldest' as const, 'newest' as const, undefined),
        (keyConcurrency, aging, steps, asked, dropped) => {
          const queue = new WorkQueue<unknown>({ keyConcurrency, aging, dropped });
          const model = new Model(keyConcurrency, aging);
          let now = 0;
          for (const [index, one] of steps.entries()) {
            switch (one.op) {
              case 'push': {
                const { key } = one;
                const task = newTask({ priority: one.priority, queuedAt: now, ...(key !== undefined && { key }) });
                queue.push(task);
                model.ready.push(task);
                break;
              }
              case 'shift': {
                const candidates = model.candidates();
                const task = queue.shiftPlain() ?? queue.shift(now);
                if (task === undefined) {
                  expect(candidates).toEqual([]);
                  break;
                }
                expect(candidates).toContain(task);
                const best = Math.max(...candidates.map((other) => model.rank(other, now)));
                expect(model.rank(task, now)).toBe(best);
                const peers = candidates.filter(
                  (other) => model.rank(other, now) === best && other.priority === task.priority,
                );
                const retries = peers.filter(({ state }) => state === 'retrying');
                if (retries.length > 0) expect(task.state).toBe('retrying');
                // With a cap and aging together, it is the oldest of each key that competes with those of other keys.
                const isByKey = keyConcurrency < Infinity && aging < Infinity;
                const line = isByKey ? retries.filter(({ key }) => key === task.key) : retries;
                if (retries.length > 0) expect(task).toBe(line[0]);
                model.ready.splice(model.ready.indexOf(task), 1);
                model.running.push(task);
                break;
              }
              case 'end': {
                const task = take(model.running, one.which);
                if (task?.key !== undefined) queue.leave(task.key);
                break;
              }
              case 'retry': {
                const task = take(model.running, one.which);
                if (task === undefined) break;
                if (task.key !== undefined) queue.leave(task.key);
                if (task.state === 'queued') {
                  failOnce(task, now);
                } else {
                  task.begin(placeAt(now));
                  task.retry(new Error('sick again'), now);
                }
                if (one.isHeld) queue.hold(task);
                else queue.push(task);
                model[one.isHeld ? 'held' : 'ready'].push(task);
                break;
              }
              case 'unhold': {
                const task = take(model.held, one.which);
                if (task === undefined) break;
                queue.unhold(task);
                model.ready.push(task);
                break;
              }
              case 'remove': {
                const list = one.which % 2 === 0 ? model.ready : model.held;
                const task = take(list, one.which);
                if (task !== undefined) queue.remove(task);
                break;
              }
              case 'reprioritize': {
                const list = one.which % 2 === 0 ? model.ready : model.held;
                const task = take(list, one.which);
                if (task === undefined) break;
                queue.reprioritize(task, one.priority);
                list.push(task);
                break;
              }
              case 'pass':
                now += one.ms;
            }
            const waiting = [...model.ready, ...model.held];
            const retries = waiting.filter(({ state }) => state === 'retrying');
            expect({
              size: queue.size,
              priority: queue.prioritySize,
              retries: queue.retrySize,
              fresh: queue.freshSize,
            }).toEqual({
              size: waiting.length,
              priority: waiting.filter((task) => task.priority > 0).length,
              retries: retries.length,
              fresh: waiting.length - retries.length,
            });
            let startable = model.ready.filter(({ key }) => key === undefined).length;
            for (const key of ['a', 'b', 'c']) {
              const ofKey = (task: Task): boolean => task.key === key;
              const free = keyConcurrency - model.running.filter(ofKey).length;
              startable += Math.min(model.ready.filter(ofKey).length, free);
            }
            expect(queue.readySize).toBe(startable);
            expect(new Set(queue)).toEqual(new Set(waiting));
            expect(new Set(queue.retries())).toEqual(new Set(retries));
            if (index < asked) continue;
            expect(queue.oldest()).toBe(model.oldest());
            expect(queue.lowest()).toBe(dropped && model.lowest(dropped === 'oldest' ? 0 : -1));
          }
        },
      ),
      { numRuns: 450 },
    );
  });

  it('between two turns of a key every other key that could start has had one', () => {
    const keys = ['a', 'b', 'c', undefined] as const;
    const limit = fc.constantFrom(Infinity, 1_000); // that is never reached
    const action = fc.record({ key: fc.constantFrom(...keys), takes: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(limit, limit, fc.array(action, { maxLength: 80 }), (keyConcurrency, aging, actions) => {
        const queue = new WorkQueue<unknown>({ keyConcurrency, aging });
        const waiting = new Map<string | undefined, number>();
        /** Keys that have waited since the last turn of the key, by that key. */
        const passed = new Map<string | undefined, Set<string | undefined>>();
        for (const { key, takes } of actions) {
          queue.push(newTask(key === undefined ? {} : { key }));
          waiting.set(key, (waiting.get(key) ?? 0) + 1);
          for (let i = 0; i < takes; i++) {
            const task = queue.shift(0);
            if (task === undefined) break;
            const others = passed.get(task.key) ?? new Set();
            expect([...others]).toEqual([]); // nobody has waited all the time since its last turn
            waiting.set(task.key, (waiting.get(task.key) ?? 0) - 1);
            for (const left of passed.values()) left.delete(task.key);
            const still = keys.filter((other) => other !== task.key && (waiting.get(other) ?? 0) > 0);
            passed.set(task.key, new Set(still));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
