import { describe, expect, it } from 'vitest';
import { until } from '../faults/until.ts';
import { open, PLACES } from './support.ts';
import type { Everything, Opened, Place } from './support.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Starts a thread, with an empty log: in process the module is the same in all tests. */
async function start(place: Place): Promise<Opened<Everything>> {
  const opened = await open<Everything>(place, 'everything');
  await opened.thread.run('readLog');
  return opened;
}

describe.each(PLACES)('a stream, %s', (place) => {
  it('brings what generators yield, sync and async, and what is iterable at all', async () => {
    const { thread, end } = await start(place);
    expect(await all(thread.stream('count', [100]))).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(await all(thread.stream('countLater', [20], { window: 3 }))).toEqual(
      Array.from({ length: 20 }, (_, i) => ({ i })),
    );
    expect(await all(thread.stream('listLater', []))).toEqual(['a', 'b']);
    expect(await all(thread.stream('yieldPromises', []))).toEqual([1, 2]);
    expect(await all(thread.stream('count', [0]))).toEqual([]);
    await end();
  });

  it('ends with what the generator returned', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('count', [1]);
    expect(await items.next()).toEqual({ value: 0, done: false });
    expect(await items.next()).toEqual({ value: 'all', done: true });
    expect(await items.next()).toEqual({ value: undefined, done: true });
    await end();
  });

  it('answers askers in the order in which they ask', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('count', [3]);
    const steps = await Promise.all([1, 2, 3, 4, 5].map(() => items.next()));
    expect(steps.map(({ value }) => value)).toEqual([0, 1, 2, 'all', undefined]);
    await end();
  });

  it('does not begin before somebody asks', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('count', [3]);
    await thread.run('add', 1, 1);
    expect(await thread.run('readLog')).toEqual([]);
    expect(thread.pending).toBe(0);
    expect(await items.return?.()).toEqual({ value: undefined, done: true });
    expect(await items.next()).toEqual({ value: undefined, done: true });
    expect(await thread.run('readLog')).toEqual([]);
    await end();
  });

  it('runs ahead of its consumer by its window, and no further', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('count', [1_000], { window: 4 });
    await items.next();
    const yielded = (): Promise<string[]> => thread.run('readLog');
    expect(await yielded()).toEqual([0, 1, 2, 3].map((i) => `yields ${i}`));
    expect(await yielded()).toEqual([]);
    await items.next(); // half of the window is taken: as many more
    const more: string[] = [];
    await until(async () => more.push(...(await yielded())) >= 2, 'more items');
    expect([...more, ...(await yielded())]).toEqual(['yields 4', 'yields 5']);
    await items.return?.();
    expect(await yielded()).toEqual(['ends']);
    await end();
  });

  it('that is left ends the generator, and waits for that', async () => {
    const { thread, end } = await start(place);
    for await (const item of thread.stream('count', [1e9])) if (item === 50) break;
    expect((await thread.run('readLog')).at(-1)).toBe('ends');
    for await (const item of thread.stream('countLater', [1e9])) if (item.i === 3) break;
    expect(await thread.run('readLog')).toEqual(['ends later']);
    expect(thread.pending).toBe(0);
    await end();
  });

  it('that is left while its generator waits aborts the signal of it', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('waitForEver', []);
    await items.next();
    const [next, left, again] = await Promise.all([items.next(), items.return?.('so far'), items.return?.()]);
    expect(next).toEqual({ value: undefined, done: true });
    expect(left).toEqual({ value: 'so far', done: true });
    expect(again).toEqual({ value: undefined, done: true });
    await end();
  });

  it('brings the error after the items before it, once', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('failAfter', [2]);
    expect(await items.next()).toEqual({ value: 0, done: false });
    await until(() => thread.pending === 0, 'the generator to have failed');
    expect(await items.next()).toEqual({ value: 1, done: false });
    await expect(items.next()).rejects.toThrow(RangeError);
    expect(await items.next()).toEqual({ value: undefined, done: true });
    await end();
  });

  it('that fails unseen is ended by its consumer without a word', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('failAfter', [2]);
    await items.next();
    await until(() => thread.pending === 0, 'the generator to have failed');
    expect(await items.return?.()).toEqual({ value: undefined, done: true });
    await end();
  });

  it('that cannot clean up says so to who leaves it', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('failAtTheEnd', [], { window: 1 });
    await items.next();
    await expect(items.return?.()).rejects.toThrow('cannot clean up');
    await end();
  });

  it('of what cannot be cloned ends the generator with a clear error', async () => {
    const { thread, end } = await start(place);
    const items = thread.stream('yieldFunction', []);
    expect(await items.next()).toEqual({ value: 1, done: false });
    await expect(items.next()).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    expect(await thread.run('readLog')).toEqual(['ends after a function']);
    await end();
  });

  it('of what is no iterable rejects, as does one with arguments that cannot be sent', async () => {
    const { thread, end } = await start(place);
    await expect(thread.stream('give', [5]).next()).rejects.toMatchObject({ code: 'NOT_ITERABLE' });
    await expect(thread.stream('give', [new WeakMap()]).next()).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    await expect(thread.stream('fail' as 'give', ['type']).next()).rejects.toThrow(TypeError);
    expect(() => thread.stream('count', [1], { window: 0 })).toThrow('window must be a positive integer, got 0');
    await end();
  });

  it('is aborted by its signal: its generator ends, and its consumer gets the reason', async () => {
    const { thread, end } = await start(place);
    const reason = new Error('enough');
    const aborted = thread.stream('count', [1e9], { signal: AbortSignal.abort(reason) });
    await expect(aborted.next()).rejects.toBe(reason);
    const controller = new AbortController();
    const items = thread.stream('count', [1e9], { signal: controller.signal, window: 2 });
    await items.next();
    controller.abort(reason);
    await expect(all(items)).rejects.toBe(reason);
    expect((await thread.run('readLog')).at(-1)).toBe('ends');
    await end();
  });
});
