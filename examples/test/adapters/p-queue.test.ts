import { EventEmitter, once } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { TaskContext } from 'tasker';
import { describe, expect, it } from 'vitest';
import PQueue, { TimeoutError } from '../../adapters/p-queue.ts';

interface Gate {
  readonly task: () => Promise<string>;
  readonly open: () => void;
  begun: boolean;
}

/** A function that ends when the gate is opened. */
function gate(): Gate {
  const opened = new EventEmitter();
  const end = once(opened, 'open').then(() => 'done');
  const task = (): Promise<string> => {
    made.begun = true;
    return end;
  };
  const made: Gate = { begun: false, task, open: () => void opened.emit('open') };
  return made;
}

/** Names of events in the order in which they come. */
function eventsOf(queue: PQueue, ...names: string[]): string[] {
  const seen: string[] = [];
  for (const name of names) queue.on(name, () => seen.push(name));
  return seen;
}

/** Adds a task for each priority, in this order, and returns the order in which they run. */
async function orderOf(
  priorities: (number | undefined)[],
  change: (queue: PQueue) => void = () => {},
  concurrency = 1,
) {
  const queue = new PQueue({ concurrency });
  const order: number[] = [];
  const all = priorities.map((priority, index) =>
    queue.add(
      async () => {
        order.push(index);
        await turn();
      },
      { id: `task ${index}`, ...(priority !== undefined && { priority }) },
    ),
  );
  change(queue);
  await Promise.all(all);
  return order;
}

/** Takes a minute, unless it is aborted. */
const late = (context: TaskContext): Promise<void> => sleep(60_000, undefined, context);

describe('add', () => {
  it('resolves with what the function returns, sync or async', async () => {
    const queue = new PQueue();
    expect(await queue.add(() => 1)).toBe(1);
    expect(await queue.add(async () => 2)).toBe(2);
    expect(await queue.addAll([() => 'a', async () => 'b'])).toEqual(['a', 'b']);
  });

  it('rejects with what the function throws, and the queue goes on', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const failing = queue.add(() => {
      throw new Error('broken');
    });
    const next = queue.add(() => 'next');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
    await queue.onIdle();
    expect([queue.size, queue.pending]).toEqual([0, 0]);
  });

  it('counts at once what has a place and what waits', async () => {
    const queue = new PQueue({ concurrency: 2 });
    const gates = [gate(), gate(), gate()];
    const results = gates.map(({ task }) => queue.add(task));
    expect([queue.size, queue.pending]).toEqual([1, 2]);
    gates[0]?.open();
    await results[0];
    expect([queue.size, queue.pending]).toEqual([0, 2]);
    for (const { open } of gates) open();
    await Promise.all(results);
  });

  it('never runs more at once than its concurrency', async () => {
    const queue = new PQueue({ concurrency: 3 });
    let running = 0;
    let most = 0;
    await queue.addAll(
      Array.from({ length: 50 }, () => async () => {
        most = Math.max(most, ++running, queue.pending);
        await turn();
        running--;
      }),
    );
    expect(most).toBe(3);
  });

  it('runs everything at once without a limit', async () => {
    const queue = new PQueue();
    const gates = Array.from({ length: 200 }, gate);
    const results = queue.addAll(gates.map(({ task }) => task));
    await expect.poll(() => gates.every(({ begun }) => begun)).toBe(true);
    expect([queue.size, queue.pending]).toEqual([0, 200]);
    for (const { open } of gates) open();
    await results;
  });

  it('leaves the options of addAll as they are', async () => {
    const options = { priority: 5 };
    await new PQueue().addAll([() => 1, () => 2], options);
    expect(options).toEqual({ priority: 5 });
  });
});

describe('order', () => {
  it('is by priority among those that wait; who finds a place does not wait', async () => {
    expect(await orderOf([1, 0, 1, 1, 2, -1])).toEqual([0, 4, 2, 3, 1, 5]);
  });

  it('takes no priority for 0', async () => {
    expect(await orderOf([undefined, undefined, 1, undefined])).toEqual([0, 2, 1, 3]);
  });

  it('changes with setPriority, up and down', async () => {
    expect(await orderOf([1, 1, 0, 1], (queue) => queue.setPriority('task 2', 2))).toEqual([0, 2, 1, 3]);
    expect(await orderOf([1, 1, 1, 0], (queue) => queue.setPriority('task 1', -1))).toEqual([0, 2, 3, 1]);
    expect(await orderOf([0, 0, 0, 0, 0], (queue) => queue.setPriority('task 4', 1), 2)).toEqual([0, 1, 4, 2, 3]);
  });

  it('knows tasks without an id by their number', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const order: string[] = [];
    const all = ['a', 'b', 'c'].map((name) => queue.add(() => order.push(name)));
    queue.setPriority('3', 1);
    await Promise.all(all);
    expect(order).toEqual(['a', 'c', 'b']);
  });

  it('refuses setPriority of what does not wait', () => {
    expect(() => new PQueue().setPriority('nobody', 1)).toThrow(ReferenceError);
  });

  it('can be counted by priority', () => {
    const queue = new PQueue({ autoStart: false });
    for (const priority of [1, 0, 1]) void queue.add(() => {}, { priority });
    expect([queue.sizeBy({ priority: 1 }), queue.sizeBy({ priority: 0 })]).toEqual([2, 1]);
    queue.clear();
    expect(queue.sizeBy({ priority: 1 })).toBe(0);
  });
});

describe('pause, start, clear', () => {
  it('does not start before start()', async () => {
    const queue = new PQueue({ concurrency: 2, autoStart: false });
    const gates = [gate(), gate(), gate()];
    const all = gates.map(({ task }) => queue.add(task));
    expect([queue.size, queue.pending, queue.isPaused]).toEqual([3, 0, true]);
    await turn();
    expect(gates.some(({ begun }) => begun)).toBe(false);
    expect(queue.start()).toBe(queue);
    expect([queue.size, queue.pending, queue.isPaused]).toEqual([1, 2, false]);
    for (const { open } of gates) open();
    await Promise.all(all);
  });

  it('runs to its end what had a place before pause(), and nothing else', async () => {
    const queue = new PQueue({ concurrency: 2 });
    const gates = [gate(), gate(), gate()];
    const all = gates.map(({ task }) => queue.add(task));
    queue.pause();
    expect([queue.size, queue.pending]).toEqual([1, 2]);
    for (const { open } of gates) open();
    await queue.onPendingZero();
    await turn();
    expect(gates.map(({ begun }) => begun)).toEqual([true, true, false]);
    expect([queue.size, queue.pending]).toEqual([1, 0]);
    queue.start();
    await Promise.all(all);
  });

  it('clears what waits and lets go on what runs', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const seen = eventsOf(queue, 'empty', 'idle');
    const first = gate();
    const running = queue.add(first.task);
    const cleared = queue.add(() => 'never');
    queue.clear();
    expect([queue.size, queue.pending]).toEqual([0, 1]);
    await queue.onEmpty();
    expect(seen).toEqual(['empty']);
    first.open();
    expect(await running).toBe('done');
    await queue.onIdle();
    expect(seen).toContain('idle');
    await expect(cleared).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('frees all who wait for a queue that is cleared', async () => {
    const queue = new PQueue({ autoStart: false });
    for (let index = 0; index < 2; index++) queue.add(() => index).catch(() => {});
    const waits = Promise.all([queue.onEmpty(), queue.onIdle(), queue.onSizeLessThan(1)]);
    queue.clear();
    await waits;
    expect(queue.size).toBe(0);
  });

  it('follows a change of concurrency', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const gates = Array.from({ length: 5 }, gate);
    const all = gates.map(({ task }) => queue.add(task));
    queue.concurrency = 3;
    expect([queue.concurrency, queue.size, queue.pending]).toEqual([3, 2, 3]);
    await expect.poll(() => gates.filter(({ begun }) => begun).length).toBe(3);
    queue.concurrency = 1;
    gates[0]?.open();
    await all[0];
    expect([queue.size, queue.pending]).toEqual([2, 2]);
    for (const { open } of gates) open();
    await Promise.all(all);
  });
});

describe('waiting', () => {
  it('resolves at once where there is nothing to wait for', async () => {
    const queue = new PQueue();
    await Promise.all([queue.onEmpty(), queue.onIdle(), queue.onPendingZero(), queue.onSizeLessThan(1)]);
  });

  it('tells empty, when nothing waits, from idle, when nothing runs either', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const [first, second] = [gate(), gate()];
    void queue.add(first.task);
    void queue.add(second.task);
    let isIdle = false;
    const idle = queue.onIdle().then(() => (isIdle = true));
    first.open();
    await queue.onEmpty();
    expect([queue.size, queue.pending, isIdle]).toEqual([0, 1, false]);
    second.open();
    await idle;
    expect(queue.pending).toBe(0);
  });

  it('holds a producer back until fewer wait', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const gates = Array.from({ length: 5 }, gate);
    for (const { task } of gates) void queue.add(task);
    const less = queue.onSizeLessThan(3).then(() => queue.size);
    gates[0]?.open();
    gates[1]?.open();
    expect(await less).toBe(2);
    for (const { open } of gates) open();
    await queue.onIdle();
  });
});

describe('signals and timeouts', () => {
  it('rejects what waits at once with the reason of its signal, and never runs it', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const first = gate();
    const running = queue.add(first.task);
    const controller = new AbortController();
    const waiting = gate();
    const aborted = queue.add(waiting.task, { signal: controller.signal });
    const kept = queue.add(() => 'kept');
    controller.abort(new Error('no longer wanted'));
    await expect(aborted).rejects.toThrow('no longer wanted');
    expect([queue.size, queue.pending]).toEqual([1, 1]);
    first.open();
    expect(await Promise.all([running, kept])).toEqual(['done', 'kept']);
    expect(waiting.begun).toBe(false);
  });

  it('rejects what is added with an aborted signal, and what runs', async () => {
    const queue = new PQueue();
    await expect(queue.add(() => 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const controller = new AbortController();
    const running = queue.add(late, { signal: controller.signal });
    await turn();
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await queue.onIdle();
    expect(queue.pending).toBe(0);
  });

  it('does not unpause for an abort, and counts it as no error', async () => {
    const queue = new PQueue({ autoStart: false });
    const seen = eventsOf(queue, 'error', 'completed', 'empty', 'idle');
    const controller = new AbortController();
    const aborted = queue.add(() => 1, { signal: controller.signal });
    const waits = [queue.onEmpty(), queue.onIdle()];
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await Promise.all(waits);
    expect([queue.size, queue.isPaused, seen]).toEqual([0, true, ['empty', 'idle']]);
  });

  it('survives the abort of ten thousand', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const controller = new AbortController();
    const all = Array.from({ length: 10_000 }, () => queue.add(() => 1, { signal: controller.signal }));
    controller.abort();
    expect((await Promise.allSettled(all)).every(({ status }) => status === 'rejected')).toBe(true);
    await queue.onIdle();
    expect([queue.size, queue.pending]).toEqual([0, 0]);
  });

  it('rejects with a TimeoutError, by the option of the queue or of the task', async () => {
    const queue = new PQueue({ timeout: 5 });
    await expect(queue.add(late)).rejects.toBeInstanceOf(TimeoutError);
    expect(await queue.add(() => sleep(10, 'in time'), { timeout: 60_000 })).toBe('in time');
    queue.timeout = 60_000;
    expect(await queue.add(() => sleep(10, 'in time'))).toBe('in time');
    await expect(queue.add(late, { timeout: 1 })).rejects.toBeInstanceOf(TimeoutError);
    await expect(queue.add(() => Promise.reject(new Error('other')))).rejects.not.toBeInstanceOf(TimeoutError);
  });
});

describe('events', () => {
  it('come in the order in which things happen', async () => {
    const queue = new PQueue({ concurrency: 1 });
    const seen = eventsOf(queue, 'add', 'active', 'next', 'empty', 'idle', 'completed', 'error');
    const failing = queue.add(() => Promise.reject(new Error('broken')));
    const second = queue.add(() => 2);
    await expect(failing).rejects.toThrow('broken');
    await second;
    await queue.onIdle();
    expect(seen.filter((name) => name !== 'completed' && name !== 'error')).toEqual([
      ...['add', 'add', 'active', 'next', 'active', 'empty', 'idle', 'next'],
    ]);
    expect(seen.filter((name) => name === 'completed' || name === 'error')).toEqual(['error', 'completed']);
  });

  it('carry the result or the error', async () => {
    const queue = new PQueue();
    const values: unknown[] = [];
    queue.on('completed', (value) => values.push(value)).on('error', (error) => values.push(error));
    const error = new Error('broken');
    await queue.add(() => 'result');
    await queue.add(() => Promise.reject(error)).catch(() => {});
    expect(values).toEqual(['result', error]);
  });

  it('throw nothing if nobody listens to errors, and reject onError for all who do', async () => {
    const queue = new PQueue();
    await expect(queue.add(() => Promise.reject(new Error('first')))).rejects.toThrow('first');
    const errors = [queue.onError(), queue.onError()].map((promise) => promise.catch((error: unknown) => error));
    const failing = queue.add(() => Promise.reject(new Error('second')));
    await expect(failing).rejects.toThrow('second');
    expect(await Promise.all(errors)).toEqual([new Error('second'), new Error('second')]);
  });

  it('lets a race of onError and onIdle end with the error', async () => {
    const queue = new PQueue({ concurrency: 2 });
    const race = Promise.race([queue.onError(), queue.onIdle()]);
    await expect(race).resolves.toBeUndefined(); // nothing was added
    const first = gate();
    void queue.add(first.task);
    const second = Promise.race([queue.onError(), queue.onIdle()]);
    queue.add(() => Promise.reject(new Error('failed'))).catch(() => {});
    await expect(second).rejects.toThrow('failed');
    first.open();
  });
});

it('refuses what it does not have, and wrong numbers', () => {
  expect(() => new PQueue({ interval: 100, intervalCap: 1 })).toThrow('no rate limits');
  expect(() => new PQueue({ queueClass: Array })).toThrow('queueClass');
  for (const concurrency of [0, -1, Number.NaN]) expect(() => new PQueue({ concurrency })).toThrow('maxWorkerCount');
  expect(() => new PQueue({ interval: 0, intervalCap: Infinity, concurrency: Infinity })).not.toThrow();
});
