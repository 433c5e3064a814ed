import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DistributedError } from '../../src/basics/distributed-error.ts';
import { AddQueue } from '../../src/engine/add-queue.ts';
import type { NewTask } from '../../src/engine/engine.ts';

const task = (id: string, dedupe?: { key: string }): NewTask => ({
  ...{ id, name: 't', payload: {}, priority: 0 },
  ...(dedupe === undefined ? {} : { dedupe }),
});

/** A store that answers when it is told to. */
class Slow {
  readonly sent: string[][] = [];
  readonly #answers: ((fail?: Error) => void)[] = [];

  readonly send = (tasks: readonly NewTask[]): Promise<readonly string[]> => {
    this.sent.push(tasks.map(({ id }) => id));
    return new Promise((resolve, reject) => {
      this.#answers.push((error) => (error === undefined ? resolve(tasks.map(({ id }) => `${id}!`)) : reject(error)));
    });
  };

  async answer(failure?: Error): Promise<void> {
    await setImmediate(); // what was added is sent in a microtask
    this.#answers.shift()?.(failure);
    await setImmediate();
  }
}

test('what comes while a command is under way goes together in the next, in order', async () => {
  const store = new Slow();
  const queue = new AddQueue(store.send);
  const ids = [queue.add(task('a')), queue.add(task('b'))];
  await Promise.resolve();
  ids.push(queue.add(task('c')), queue.add(task('d')));
  await store.answer();
  await store.answer();
  expect(await Promise.all(ids)).toEqual(['a!', 'b!', 'c!', 'd!']);
  expect(store.sent).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('a task with a key goes alone, and keeps its place', async () => {
  const store = new Slow();
  const queue = new AddQueue(store.send);
  const ids = [task('a'), task('b', { key: 'k' }), task('c', { key: 'k' }), task('d')].map((one) => queue.add(one));
  for (let i = 0; i < 4; i++) await store.answer();
  await Promise.all(ids);
  expect(store.sent).toEqual([['a'], ['b'], ['c'], ['d']]);
});

test('a thousand go together at most', async () => {
  const store = new Slow();
  const queue = new AddQueue(store.send);
  const ids = Array.from({ length: 2_500 }, (_, i) => queue.add(task(String(i))));
  for (let i = 0; i < 3; i++) await store.answer();
  await Promise.all(ids);
  expect(store.sent.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
});

test('an error rejects those that were sent, and the next are sent all the same', async () => {
  const store = new Slow();
  const queue = new AddQueue(store.send);
  const failed = queue.add(task('a')).catch((error: unknown) => error);
  await Promise.resolve();
  const next = queue.add(task('b'));
  const error = new Error('no');
  await store.answer(error);
  await store.answer();
  expect(await failed).toBe(error);
  expect(await next).toBe('b!');
});

test('a store that was waited for in vain rejects all that wait: none waits as long once more', async () => {
  const store = new Slow();
  const queue = new AddQueue(store.send);
  const results = Promise.allSettled(Array.from({ length: 2_500 }, (_, i) => queue.add(task(String(i)))));
  const reason = new DistributedError('STORE_UNREACHABLE', 'away');
  await store.answer(reason);
  for (const result of await results) expect(result).toEqual({ status: 'rejected', reason });
  expect(store.sent).toHaveLength(1);
  const next = queue.add(task('next'));
  await store.answer();
  expect(await next).toBe('next!');
});
