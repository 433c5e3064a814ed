import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isDistributedError } from '../../src/index.ts';
import { Results } from '../../src/client/results.ts';
import type { Engine, Look, Outcome } from '../../src/engine/engine.ts';
import { failing } from '../support/failing.ts';

/** An engine whose events all get lost: only looks tell. */
class Silent {
  readonly ended = new Map<string, Outcome>();
  looks = 0;
  isAway = false;

  readonly engine = {
    look: async (id: string): Promise<Look> => {
      this.looks++;
      if (this.isAway) throw new Error('away');
      const outcome = this.ended.get(id);
      return outcome === undefined ? { state: 'waiting' } : { state: 'ended', outcome };
    },
  } as Engine;
}

const value = (outcome: Outcome): unknown => (outcome.ok ? outcome.value : Promise.reject(new Error('failed')));
const done = (value: unknown): Outcome => ({ ok: true, name: 't', value });

let silent: Silent;
beforeEach(() => {
  vi.useFakeTimers();
  silent = new Silent();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const begin = (results: Results, id: string): Promise<unknown> => {
  const promise = results.expect(id);
  results.added(id, id);
  return promise;
};

test('an end whose event gets lost is found by a look, at first soon, later every 5 s', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const [soon, late] = [begin(results, 'soon'), begin(results, 'late')];
  silent.ended.set('soon', done(1));
  await vi.advanceTimersByTimeAsync(500);
  expect(await soon).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  const before = silent.looks;
  silent.ended.set('late', done(2));
  await vi.advanceTimersByTimeAsync(5_250);
  expect(await late).toBe(2);
  expect(silent.looks - before).toBeLessThanOrEqual(2);
});

test('whoever is told twice is settled once, and looked at no more', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const result = begin(results, 'a');
  results.ended('a', done(1));
  results.ended('a', done(2));
  results.removed('a');
  expect(await result).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(silent.looks).toBe(0);
});

test('an end that is told before the store has acknowledged the task counts', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const result = results.expect('a');
  results.ended('a', done(1));
  results.added('a', 'a');
  expect(await result).toBe(1);
});

test('one that another task stands for gets its result', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const first = begin(results, 'a');
  const second = results.expect('b');
  results.added('b', 'a');
  results.ended('a', done(1));
  expect(await Promise.all([first, second])).toEqual([1, 1]);
});

test('whoever waits for a result whose check never ends is rejected by what rejects all others', async () => {
  const results = new Results(silent.engine, 60_000, () => new Promise(() => {}));
  const [cancelled, closed] = ['a', 'b'].map((id) => failing(begin(results, id)));
  for (const id of ['a', 'b']) {
    results.ended(id, done(1));
    results.ended(id, done(1));
    results.removed(id);
  }
  const reason = new Error('enough');
  expect(results.fail('a', reason)).toBe(true);
  expect(await cancelled).toBe(reason);
  results.close();
  expect(await closed).toMatchObject({ code: 'STOPPED' });
});

test('all who wait for one that another task stands for hear of its progress, until they leave', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const heard: string[] = [];
  const [one, two, three] = ['one', 'two', 'three'].map((who) => (n: unknown) => heard.push(`${who} ${String(n)}`));
  const waiting = [results.expect('mine', one), results.expect('mine', two), results.expect('first', three)];
  results.added('mine', 'first');
  results.added('mine', 'first');
  results.progress('first', 1);
  expect(heard.toSorted()).toEqual(['one 1', 'three 1', 'two 1']);
  results.leave('first', three);
  results.ended('first', done(2));
  expect(await Promise.all(waiting)).toEqual([2, 2, 2]);
});

test('whoever leaves hears no more, and the last of them ends the looks', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const heard: string[] = [];
  const [one, two] = ['one', 'two'].map((who) => (n: unknown) => heard.push(`${who} ${String(n)}`));
  void results.expect('a', one);
  void results.expect('a', two);
  results.added('a', 'a');
  results.leave('a', one);
  results.progress('a', 1);
  results.leave('a', two);
  results.progress('a', 2);
  expect(heard).toEqual(['two 1']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(silent.looks).toBe(0);
});

test('a store that is away for longer than it may rejects all, and a shorter time nobody', async () => {
  const results = new Results(silent.engine, 3_000, value);
  const [a, b] = [failing(begin(results, 'a')), failing(begin(results, 'b'))];
  silent.isAway = true;
  await vi.advanceTimersByTimeAsync(1_500);
  silent.isAway = false;
  await vi.advanceTimersByTimeAsync(5_000);
  silent.isAway = true;
  await vi.advanceTimersByTimeAsync(20_000);
  for (const error of [await a, await b]) expect(isDistributedError(error, 'STORE_UNREACHABLE')).toBe(true);
});

test('100,000 that wait cost one timer, 800 looks a second, and less than a kilobyte each', async () => {
  const results = new Results(silent.engine, 60_000, value);
  const ids = Array.from({ length: 100_000 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const waiting = ids.map((id) => begin(results, id));
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / ids.length;
  expect(bytes).toBeLessThan(1_000);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(silent.looks).toBeLessThanOrEqual(8_000);
  for (const id of ids) results.ended(id, done(1));
  await Promise.all(waiting);
  await vi.advanceTimersByTimeAsync(1_000);
});
