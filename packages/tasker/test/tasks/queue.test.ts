import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../../src/tasks/queue.ts';
import type { TaskRecord } from '../../src/tasks/task.ts';
import { failOnce, newTask, nowhere, placeAt } from '../support/task-records.ts';

type Task = TaskRecord<unknown>;

const NEVER = { keyConcurrency: Infinity, aging: Infinity };

/** What a queue shall do, done the slow way. */
class NaiveQueue {
  ready: Task[] = [];
  held: Task[] = [];

  #order(): Task[] {
    const rank = (task: Task): number => (task.state === 'retrying' ? 0 : 1);
    return this.ready.toSorted((a, b) => b.priority - a.priority || rank(a) - rank(b)); // stable: in order of entry
  }

  shift(): Task | undefined {
    const [task] = this.#order();
    if (task !== undefined) this.remove(task);
    return task;
  }

  remove(task: Task): void {
    this.ready = this.ready.filter((other) => other !== task);
    this.held = this.held.filter((other) => other !== task);
  }

  get all(): Task[] {
    return [...this.ready, ...this.held];
  }

  /** By place in the queue: a task that was moved behind others counts as newer than they. */
  lowest(end: 'oldest' | 'newest'): Task | undefined {
    const fresh = this.ready.filter((task) => task.state === 'queued');
    const priority = Math.min(...fresh.map((task) => task.priority));
    return fresh.filter((task) => task.priority === priority).at(end === 'oldest' ? 0 : -1);
  }

  oldest(): number {
    return Math.min(
      ...this.ready.map((task) => (task.state === 'retrying' ? (task.extras?.failedAt ?? NaN) : task.queuedAt)),
    );
  }

  snapshot(now: number): unknown[] {
    const priorities = [...new Set(this.ready.map((task) => task.priority))].toSorted((a, b) => b - a);
    return priorities.map((priority) => {
      const level = new NaiveQueue();
      level.ready = this.ready.filter((task) => task.priority === priority);
      return { priority, waiting: level.ready.length, oldestWait: now - level.oldest() };
    });
  }
}

type Step =
  | { op: 'push'; priority: number; count: number }
  | { op: 'retry' | 'hold'; priority: number }
  | { op: 'unhold' | 'remove'; which: number }
  | { op: 'shift'; count: number }
  | { op: 'reprioritize'; which: number; priority: number }
  | { op: 'drain' };

/** Few, so that tasks meet, or many, so that levels come and go. */
const priority = fc.oneof(fc.constantFrom(-1, 0, 0, 1), fc.integer({ min: -30, max: 30 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ op: fc.constant('push' as const), priority, count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 20,
    arbitrary: fc.record({ op: fc.constantFrom('retry' as const, 'hold' as const), priority }),
  },
  { weight: 25, arbitrary: fc.record({ op: fc.constantFrom('unhold' as const, 'remove' as const), which: fc.nat() }) },
  {
    weight: 25,
    arbitrary: fc.record({ op: fc.constant('shift' as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 10, arbitrary: fc.record({ op: fc.constant('reprioritize' as const), which: fc.nat(), priority }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('drain' as const) }) },
);

const dropped = fc.constantFrom('oldest' as const, 'newest' as const, undefined);

function pick<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)];
}

/** Bytes in use. */
function heap(): number {
  (globalThis.gc as () => void)(); // vitest.config.ts exposes it
  return process.memoryUsage().heapUsed;
}

/** Has tasks of all kinds wait and leave, and returns what is left of them. */
function passThrough(queue: WorkQueue<unknown>): WeakRef<Task>[] {
  return Array.from({ length: 300 }, (_, n) => {
    const task = newTask({ priority: n % 3 === 0 ? 0 : n, queuedAt: n, ...(n % 2 === 0 && { key: `k${n}` }) });
    if (n % 5 === 0) failOnce(task, n);
    queue.push(task);
    if (n % 7 === 0) queue.reprioritize(task, -n);
    if (n % 4 === 0) {
      queue.remove(task);
    } else {
      expect(queue.shift(n)).toBe(task);
      if (task.key !== undefined) queue.leave(task.key);
    }
    task.settle('completed');
    return new WeakRef(task);
  });
}

describe('leave()', () => {
  it('says whether one more task of the key may start: only a key that was at its cap can have waited for that', () => {
    for (const [keyConcurrency, expected] of [
      [2, [true, false]],
      [Infinity, [false, false]],
    ] as const) {
      const queue = new WorkQueue<unknown>({ keyConcurrency, pausesKeys: true, aging: Infinity });
      for (let i = 0; i < 3; i++) queue.push(newTask({ key: 'a' }));
      for (let i = 0; i < 2; i++) queue.shift(0);
      expect([queue.leave('a'), queue.leave('a')]).toEqual(expected);
    }
  });
});

describe('WorkQueue', () => {
  it('behaves like a sorted array, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), dropped, (steps, dropped) => {
        const queue = new WorkQueue<unknown>({ ...NEVER, dropped });
        const model = new NaiveQueue();
        let now = 0;
        for (const step of steps) {
          now++;
          switch (step.op) {
            case 'push':
              for (let i = 0; i < step.count; i++) {
                const task = newTask({ priority: step.priority, queuedAt: now });
                queue.push(task);
                model.ready.push(task);
              }
              break;
            case 'retry':
            case 'hold': {
              const task = newTask({ priority: step.priority, queuedAt: now });
              failOnce(task, now);
              if (step.op === 'hold') {
                queue.hold(task);
                model.held.push(task);
              } else {
                queue.push(task);
                model.ready.push(task);
              }
              break;
            }
            case 'unhold': {
              const task = pick(model.held, step.which);
              if (task === undefined) break;
              queue.unhold(task);
              model.remove(task);
              model.ready.push(task);
              break;
            }
            case 'remove': {
              const task = pick(model.all, step.which);
              if (task === undefined) break;
              queue.remove(task);
              task.settle('cancelled');
              model.remove(task);
              break;
            }
            case 'shift':
              for (let i = 0; i < step.count; i++) {
                const expected = model.shift();
                const task = queue.shiftPlain() ?? queue.shift(now);
                expect(task?.id).toBe(expected?.id);
                task?.begin(placeAt(now));
              }
              break;
            case 'reprioritize': {
              const task = pick(model.all, step.which);
              if (task === undefined) break;
              const isHeld = model.held.includes(task);
              queue.reprioritize(task, step.priority);
              model.remove(task);
              (isHeld ? model.held : model.ready).push(task);
              break;
            }
            case 'drain':
              const drained = [...queue.ready()];
              for (const task of drained) queue.remove(task);
              expect(new Set(drained)).toEqual(new Set(model.ready));
              model.ready = [];
          }
          const { all, ready, held } = model;
          expect({
            main: queue.mainSize,
            priority: queue.prioritySize,
            retry: queue.retrySize,
            fresh: queue.freshSize,
            size: queue.size,
            ready: queue.readySize,
          }).toEqual({
            main: all.filter(({ priority }) => priority <= 0).length,
            priority: all.filter(({ priority }) => priority > 0).length,
            retry: all.filter(({ state }) => state === 'retrying').length,
            fresh: all.filter(({ state }) => state === 'queued').length,
            size: all.length,
            ready: ready.length,
          });
          expect(new Set(queue)).toEqual(new Set([...ready, ...held]));
          expect(queue.lowest()?.id).toBe(dropped && model.lowest(dropped)?.id);
          expect([queue.oldest(), queue.snapshot(now)]).toEqual([model.oldest(), model.snapshot(now)]);
        }
        for (let left = model.ready.length; left > 0; left--) {
          const expected = model.shift();
          expect(queue.shift(now)?.id).toBe(expected?.id);
        }
        expect([queue.shift(now), queue.readySize]).toEqual([undefined, 0]);
      }),
      { numRuns: 450 },
    );
  });

  it('knows since when the task has waited that has waited longest, with all priorities and retries mixed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            priority: fc.integer({ min: -2, max: 2 }),
            isRetry: fc.boolean(),
            takes: fc.integer({ max: 2, min: 0 }),
          }),
          { maxLength: 40 },
        ),
        (steps) => {
          const queue = new WorkQueue<unknown>(NEVER);
          const model = new NaiveQueue();
          steps.forEach(({ priority, isRetry, takes }, now) => {
            const task = newTask({ priority, queuedAt: now });
            if (isRetry) failOnce(task, now);
            queue.push(task);
            model.ready.push(task);
            for (let i = 0; i < takes; i++) expect(queue.shift(now)?.id).toBe(model.shift()?.id);
            expect(queue.oldest()).toBe(model.oldest());
          });
        },
      ),
    );
  });

  it('lets go of what has left: lanes, keys and retries', async () => {
    for (const options of [
      NEVER,
      { keyConcurrency: 1, aging: Infinity },
      { keyConcurrency: Infinity, aging: 50 },
      { keyConcurrency: 1, aging: 50 },
    ]) {
      const queue = new WorkQueue<unknown>(options);
      const left = passThrough(queue);
      expect([queue.size, queue.keys(0), [...queue], queue.oldest()]).toEqual([0, [], [], Infinity]);
      await new Promise((resolve) => setImmediate(resolve));
      (globalThis.gc as () => void)(); // vitest.config.ts exposes it
      expect(left.filter((task) => task.deref() !== undefined)).toHaveLength(0);
    }
  });

  it('keeps nothing of priorities and keys from which the last task was taken out, moved or started', () => {
    const queue = new WorkQueue<unknown>(NEVER);
    const pass = (n: number): void => {
      const task = newTask({ priority: n, ...(n % 2 === 0 && { key: `k${n}` }) });
      if (n % 5 === 0) failOnce(task, n);
      queue.push(task);
      if (n % 3 === 0) queue.reprioritize(task, -n);
      if (n % 7 === 0) queue.shift(n);
      else queue.remove(task);
    };
    for (let n = 1; n <= 5_000; n++) pass(n);
    const before = heap();
    for (let n = 5_001; n <= 35_000; n++) pass(n);
    for (const { key } of queue.keys(0)) queue.leave(key);
    expect(queue.size).toBe(0);
    expect((heap() - before) / 30_000).toBeLessThan(30); // each once kept 1,300 bytes
  });

  it('knows the longest waiting of the retries although their backoffs ended in another order than their runs', () => {
    const queue = new WorkQueue<unknown>(NEVER);
    const [first, second] = [newTask(), newTask()];
    failOnce(first, 10);
    failOnce(second, 20);
    queue.hold(first);
    queue.hold(second);
    expect(queue.oldest()).toBe(Infinity);
    queue.unhold(second);
    expect(queue.oldest()).toBe(20);
    queue.unhold(first);
    expect(queue.oldest()).toBe(10);
  });

  it('knows the longest waiting although a task has been moved behind younger ones', () => {
    const queue = new WorkQueue<unknown>(NEVER);
    const [old, young] = [newTask({ priority: 1, queuedAt: 10 }), newTask({ queuedAt: 20 })];
    queue.push(old);
    queue.push(young);
    queue.reprioritize(old, 0);
    expect(queue.oldest()).toBe(10);
  });

  it('counts a held retry as waiting, but not as ready', () => {
    const queue = new WorkQueue<unknown>(NEVER);
    const task = newTask({ priority: 3 });
    failOnce(task, 5);
    queue.hold(task);
    expect([queue.prioritySize, queue.retrySize, queue.readySize, queue.shift(5)]).toEqual([1, 1, 0, undefined]);
    queue.unhold(task);
    expect([queue.readySize, queue.shift(5)]).toEqual([1, task]);
    expect([queue.size, queue.retrySize]).toEqual([0, 0]);
  });

  it('shows what waits at each priority, the highest first', () => {
    const queue = new WorkQueue<unknown>(NEVER);
    for (const [priority, queuedAt] of [
      [0, 10],
      [5, 20],
      [0, 30],
    ] as const) {
      queue.push(newTask({ priority, queuedAt }));
    }
    expect(queue.snapshot(100)).toEqual([
      { priority: 5, waiting: 1, oldestWait: 80 },
      { priority: 0, waiting: 2, oldestWait: 90 },
    ]);
  });

  it('takes ten thousand priorities one after another, and the first one again', () => {
    const queue = new WorkQueue<unknown>(NEVER);
    for (let n = 0; n < 10_000; n++) {
      queue.push(newTask({ priority: n / 7 }));
      expect(queue.shift(0)?.priority).toBe(n / 7);
    }
    expect([queue.size, queue.snapshot(0)]).toEqual([0, []]);
    queue.push(newTask());
    expect([queue.shift(0)?.priority, queue.size]).toEqual([0, 0]);
  });

  it('never lets more than keyConcurrency tasks of a key run, keeps each key in order and loses none', () => {
    const event = fc.record({
      key: fc.constantFrom(undefined, 'a', 'b', 'c'),
      priority: fc.integer({ min: 0, max: 2 }),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(event, { maxLength: 60 }), (keyConcurrency, events) => {
        const queue = new WorkQueue<unknown>({ keyConcurrency, aging: Infinity });
        const running: Task[] = [];
        const started: Task[] = [];
        const count = (key: string): number => running.filter((task) => task.key === key).length;
        const start = (): boolean => {
          const ready = queue.readySize;
          const task = queue.shift(0);
          expect(task !== undefined).toBe(ready > 0);
          if (task === undefined) return false;
          task.begin(nowhere);
          running.push(task);
          started.push(task);
          if (task.key !== undefined) expect(count(task.key)).toBeLessThanOrEqual(keyConcurrency);
          return true;
        };
        const end = (): void => {
          const task = running.shift();
          if (task?.key !== undefined) queue.leave(task.key);
        };
        const submitted: Task[] = [];
        for (const { key, priority, ends } of events) {
          const task = newTask({ priority, ...(key !== undefined && { key }) });
          submitted.push(task);
          queue.push(task);
          if (ends) {
            start();
            if (running.length > 3) end();
          }
        }
        while (queue.size > 0) {
          while (start());
          end();
        }
        expect(new Set(started)).toEqual(new Set(submitted));
        for (const key of [undefined, 'a', 'b', 'c']) {
          for (const priority of [0, 1, 2]) {
            const order = started.filter((task) => task.key === key && task.priority === priority);
            expect(order.map(({ sequence }) => sequence)).toEqual(
              order.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
            );
          }
        }
        while (running.length > 0) end();
        expect(queue.keys(0)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('knows the longest waiting although it has been moved to and fro many times', () => {
    const queue = new WorkQueue<unknown>({ keyConcurrency: Infinity, aging: Infinity, isMeasured: true });
    const old = newTask({ priority: 1, queuedAt: 10 });
    for (const priority of [1, 2]) queue.push(newTask({ priority, queuedAt: 100 }));
    queue.push(old);
    for (let i = 0; i < 200; i++) {
      queue.reprioritize(old, 1 + (i % 2));
      expect(queue.oldest()).toBe(10);
    }
  });

  it('leaves a key its turn when its first task is taken out, whether keys have a cap or not', () => {
    for (const keyConcurrency of [Infinity, 5]) {
      const queue = new WorkQueue<unknown>({ keyConcurrency, aging: Infinity });
      const [first, second, other] = ['a', 'a', 'b'].map((key) => newTask({ key })) as [Task, Task, Task];
      for (const task of [first, second, other]) queue.push(task);
      queue.remove(first);
      expect([queue.shift(0), queue.shift(0)]).toEqual([second, other]);
    }
  });

  it('gives retries of one rank in the order of their return, whatever their keys, with aging and a cap, too', () => {
    for (const aging of [Infinity, 1_000]) {
      const queue = new WorkQueue<unknown>({ keyConcurrency: 3, aging });
      const tasks = ['a', 'a', 'b'].map((key) => newTask({ key }));
      for (const task of tasks) queue.push(task);
      while (queue.shift(0) !== undefined);
      for (const task of tasks) {
        queue.leave(task.key ?? '');
        failOnce(task, 1);
        queue.push(task);
      }
      expect([1, 2, 3].map(() => queue.shift(2))).toEqual(tasks);
    }
  });

  it('with aging lets a task that has waited long go first; at equal rank retries, then the one submitted first', () => {
    const queue = new WorkQueue<unknown>({ keyConcurrency: Infinity, aging: 100 });
    const [old, high, young] = [
      newTask({ queuedAt: 0 }),
      newTask({ priority: 2, queuedAt: 250 }),
      newTask({ queuedAt: 250 }),
    ];
    const retry = newTask({ priority: 1, queuedAt: 150 });
    failOnce(retry, 200);
    for (const task of [old, high, young, retry]) queue.push(task);
    // ranks at 250: old 0 + 2, high 2 + 0, young 0 + 0, retry 1 + 1
    expect(Array.from({ length: 5 }, () => queue.shift(250))).toEqual([retry, old, high, young, undefined]);
  });
});
