import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pool, TimeoutError } from '../../adapters/tarn.ts';
import type { PoolOptions } from '../../adapters/tarn.ts';

interface Thing {
  readonly n: number;
}

/** A pool of numbered things, destroyed after the test, and what became of them. */
function makePool(options: Partial<PoolOptions<Thing>> = {}) {
  const log = { created: 0, destroyed: [] as number[] };
  const pool = new Pool<Thing>({
    create: async () => ({ n: log.created++ }),
    destroy: ({ n }) => log.destroyed.push(n),
    min: 0,
    max: 2,
    ...options,
  });
  const used = new Set<Thing>();
  pool.on('acquireSuccess', (_: number, thing: Thing) => used.add(thing));
  onTestFinished(async () => {
    const over = pool.destroy();
    for (const thing of used) pool.release(thing);
    await over;
  });
  return { pool, log };
}

const acquire = (pool: Pool<Thing>): Promise<Thing> => pool.acquire().promise;

/** Two at the same time. */
const acquireTwo = (pool: Pool<Thing>): Promise<[Thing, Thing]> => Promise.all([acquire(pool), acquire(pool)]);

describe('the options', () => {
  const base: PoolOptions<Thing> = { create: () => ({ n: 0 }), destroy: () => {}, min: 0, max: 1 };
  const wrong: Record<string, object> = {
    'no create': { create: undefined },
    'no destroy': { destroy: undefined },
    'a min that is no integer': { min: 0.5 },
    'a negative min': { min: -1 },
    'a max of 0': { max: 0 },
    'a max below min': { min: 2 },
    'a time of 0': { acquireTimeoutMillis: 0 },
    'a time in words': { idleTimeoutMillis: '10' },
    'a fraction of a millisecond': { createTimeoutMillis: 0.5 },
    'an unknown one': { maximum: 3 },
  };
  it.each(Object.keys(wrong))('are refused with %s', (name) => {
    expect(() => new Pool({ ...base, ...wrong[name] })).toThrow(Error);
    expect(() => new Pool(base)).not.toThrow();
  });
});

describe('acquire and release', () => {
  it.each<[string, PoolOptions<Thing>['create']]>([
    ['a value', () => ({ n: 7 })],
    ['a promise', async () => ({ n: 7 })],
    ['a callback', (callback) => void setImmediate(callback, undefined, { n: 7 })],
  ])('take create with %s', async (_, create) => {
    const { pool } = makePool({ create });
    expect(await pool.acquire().promise).toEqual({ n: 7 });
  });

  it('make nothing before the first acquire, and never more than max', async () => {
    const { pool, log } = makePool({ min: 1, max: 3 });
    await turn();
    expect(log.created).toBe(0);
    const things = [...(await acquireTwo(pool)), await acquire(pool)];
    expect(new Set(things).size).toBe(3);
    const waiting = pool.acquire();
    await turn();
    expect([log.created, pool.numUsed(), pool.numFree(), pool.numPendingAcquires()]).toEqual([3, 3, 0, 1]);
    for (const thing of things.slice(1, 2)) pool.release(thing);
    expect(await waiting.promise).toBe(things[1]);
    expect([log.created, pool.numUsed(), pool.numPendingAcquires()]).toEqual([3, 3, 0]);
  });

  it('serve those who wait in turn', async () => {
    const { pool } = makePool({ max: 1 });
    const thing = await acquire(pool);
    const order: number[] = [];
    const all = [1, 2, 3].map(async (i) => {
      const mine = await pool.acquire().promise;
      order.push(i);
      pool.release(mine);
    });
    pool.release(thing);
    await Promise.all(all);
    expect(order).toEqual([1, 2, 3]);
  });

  it('count at once what is given back', async () => {
    const { pool } = makePool();
    const [first, second] = await acquireTwo(pool);
    expect(pool.release(first)).toBe(true);
    expect([pool.numUsed(), pool.numFree()]).toEqual([1, 1]);
    expect(pool.release(second)).toBe(true);
    expect([pool.numUsed(), pool.numFree()]).toEqual([0, 2]);
  });

  it('do not take what is unknown or was given back', async () => {
    const { pool } = makePool();
    expect(pool.release({ n: 99 })).toBe(false);
    const thing = await acquire(pool);
    expect([pool.release(thing), pool.release(thing), pool.release({ n: 0 })]).toEqual([true, false, false]);
    expect([pool.numUsed(), pool.numFree()]).toEqual([0, 1]);
  });

  it('can be aborted while it waits, and says how it ended', async () => {
    const { pool } = makePool({ max: 1 });
    const held = pool.acquire();
    const thing = await held.promise;
    const waiting = pool.acquire();
    expect([waiting.isResolved, waiting.isRejected]).toEqual([false, false]);
    waiting.abort();
    await expect(waiting.promise).rejects.toThrow('aborted');
    expect([held.isResolved, waiting.isRejected, pool.numPendingAcquires()]).toEqual([true, true, 0]);
    pool.release(thing);
    expect(await pool.acquire().promise).toBe(thing);
  });

  it('end with a TimeoutError of the class that is wanted', async () => {
    const { pool } = makePool({ max: 1, acquireTimeoutMillis: 20 });
    const thing = await acquire(pool);
    await expect(pool.acquire().promise).rejects.toBeInstanceOf(TimeoutError);
    pool.release(thing);
    expect(await pool.acquire().promise).toBe(thing);
    const other = new Pool<Thing>(
      { create: () => sleep(60_000), destroy: () => {}, min: 0, max: 1, acquireTimeoutMillis: 5 },
      RangeError,
    );
    await expect(other.acquire().promise).rejects.toBeInstanceOf(RangeError);
  });
});

describe('validate', () => {
  it('is asked before each use, and replaces what is bad', async () => {
    const asked: number[] = [];
    const { pool, log } = makePool({
      max: 1,
      validate: ({ n }) => {
        asked.push(n);
        return n > 0 || asked.length === 1;
      },
    });
    const first = await acquire(pool);
    pool.release(first);
    const second = await acquire(pool);
    expect([first.n, second.n, log.destroyed]).toEqual([0, 1, [0]]);
    pool.release(second);
    expect(await acquire(pool)).toBe(second);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('cannot tell');
      },
    ],
    ['rejects', () => Promise.reject(new Error('cannot tell'))],
    ['hangs', () => new Promise(() => {})],
  ])('replaces what it cannot tell of, if it %s', async (_, fail) => {
    const messages: string[] = [];
    let uses = 0;
    const { pool, log } = makePool({
      max: 1,
      acquireTimeoutMillis: 100,
      validate: () => (++uses === 2 ? fail() : true),
      log: (message) => messages.push(message),
    });
    const first = await acquire(pool);
    pool.release(first);
    const next = await acquire(pool).catch(() => acquire(pool));
    expect([next.n, log.destroyed]).toEqual([1, [0]]);
    expect(messages.join()).toContain('validate');
  });

  it('lets all be served while some of many are bad', async () => {
    let uses = 0;
    const { pool, log } = makePool({ max: 3, createRetryIntervalMillis: 1, validate: async () => ++uses % 7 !== 0 });
    let served = 0;
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const thing = await pool.acquire().promise;
        served++;
        pool.release(thing);
      }),
    );
    expect([served, pool.numUsed()]).toEqual([100, 0]);
    expect(log.destroyed.length).toBeGreaterThan(5);
    expect(log.created - log.destroyed.length).toBe(pool.numFree());
  });
});

describe('a create that fails', () => {
  it('is tried again', async () => {
    let calls = 0;
    const { pool } = makePool({
      create: () => (++calls < 4 ? Promise.reject(new Error('not yet')) : { n: calls }),
      createRetryIntervalMillis: 1,
    });
    expect(await pool.acquire().promise).toEqual({ n: 4 });
  });

  it('is told at the timeout of those who have waited for it', async () => {
    const { pool } = makePool({
      create: () => Promise.reject(new Error('no such host')),
      createRetryIntervalMillis: 5,
      acquireTimeoutMillis: 60,
    });
    const error: unknown = await pool.acquire().promise.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toContain('no such host');
  });

  it('is told at once to the first who waits with propagateCreateError', async () => {
    const failure = new Error('no such host');
    let calls = 0;
    const { pool } = makePool({
      create: () => (++calls === 1 ? Promise.reject(failure) : { n: calls }),
      max: 1,
      createRetryIntervalMillis: 1,
      propagateCreateError: true,
    });
    const [first, second] = [pool.acquire(), pool.acquire()];
    await expect(first.promise).rejects.toBe(failure);
    expect(await second.promise).toEqual({ n: 2 });
  });

  it('may take too long: then another one is made, and the late one destroyed', async () => {
    let calls = 0;
    const { pool, log } = makePool({
      create: async () => {
        const n = ++calls;
        if (n === 1) await sleep(60);
        return { n };
      },
      createTimeoutMillis: 20,
      createRetryIntervalMillis: 1,
    });
    expect(await pool.acquire().promise).toEqual({ n: 2 });
    await expect.poll(() => log.destroyed).toEqual([1]);
  });
});

describe('idle resources', () => {
  it('go after idleTimeoutMillis', async () => {
    const { pool, log } = makePool({ idleTimeoutMillis: 10 });
    for (const thing of await acquireTwo(pool)) pool.release(thing);
    await expect.poll(() => log.destroyed.length).toBe(2);
    expect([pool.numFree(), pool.numUsed()]).toEqual([0, 0]);
    expect((await pool.acquire().promise).n).toBe(2);
  });

  it('stay if there would be fewer than min', async () => {
    const { pool, log } = makePool({ min: 1, max: 3, idleTimeoutMillis: 10 });
    for (const thing of [...(await acquireTwo(pool)), await acquire(pool)]) pool.release(thing);
    await expect.poll(() => log.destroyed.length).toBe(2);
    await sleep(30);
    expect([pool.numFree(), log.destroyed.length]).toEqual([1, 2]);
  });
});

describe('destroy', () => {
  it('waits for what is in use, aborts what waits, and destroys all', async () => {
    const { pool, log } = makePool({
      destroy: async ({ n }) => {
        await turn();
        log.destroyed.push(n);
      },
    });
    const [one, two] = await acquireTwo(pool);
    const waiting = pool.acquire().promise.catch((error: Error) => error.message);
    let isOver = false;
    const over = pool.destroy().then(() => (isOver = true));
    expect(await waiting).toBe('aborted');
    pool.release(one);
    await turn();
    expect(isOver).toBe(false);
    pool.release(two);
    await over;
    expect(log.destroyed.toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect([pool.numUsed(), pool.numFree(), pool.numPendingAcquires(), pool.numPendingCreates()]).toEqual([0, 0, 0, 0]);
    await expect(pool.acquire().promise).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('still open');
      },
    ],
    ['rejects', () => Promise.reject(new Error('still open'))],
    ['hangs', () => new Promise(() => {})],
  ])('ends, and logs it, if the destroyer %s', async (_, destroy) => {
    const messages: string[] = [];
    const { pool } = makePool({ destroy, destroyTimeoutMillis: 20, log: (message) => messages.push(message) });
    pool.release(await pool.acquire().promise);
    await pool.destroy();
    expect(messages.join()).toContain('onDestroy');
  });

  it('is over at once for a pool that nobody has used', async () => {
    const { pool, log } = makePool({ min: 2 });
    await pool.destroy();
    expect(log.created).toBe(0);
  });
});

describe('events', () => {
  it('tell of each step, with numbers that belong together', async () => {
    const { pool } = makePool({ max: 1, propagateCreateError: true });
    const told: unknown[][] = [];
    const names = ['acquire', 'create', 'destroy', 'poolDestroy'];
    for (const name of names.flatMap((of) => [`${of}Request`, `${of}Success`, `${of}Fail`]).concat('release'))
      pool.on(name, (...values: unknown[]) => told.push([name, ...values]));
    const thing = await pool.acquire().promise;
    pool.release(thing);
    await pool.destroy();
    expect(told).toEqual([
      ['acquireRequest', 1],
      ['createRequest', 2],
      ['createSuccess', 2, thing],
      ['acquireSuccess', 1, thing],
      ['release', thing],
      ['poolDestroyRequest', 3],
      ['destroyRequest', 4, thing],
      ['destroySuccess', 4, thing],
      ['poolDestroySuccess', 3],
    ]);
    expect(pool.listenerCount('release')).toBe(0);
  });

  it('tell of failures', async () => {
    const failure = new Error('broken');
    const { pool } = makePool({ create: () => Promise.reject(failure), propagateCreateError: true });
    const told: unknown[][] = [];
    for (const name of ['acquireFail', 'createFail'])
      pool.on(name, (...values: unknown[]) => told.push([name, ...values]));
    await pool.acquire().promise.catch(() => {});
    expect(told).toEqual([
      ['createFail', 2, failure],
      ['acquireFail', 1, failure],
    ]);
  });

  it('survive a listener that throws', async () => {
    const messages: string[] = [];
    const { pool } = makePool({ log: (message) => messages.push(message) });
    const heard: string[] = [];
    pool.on('acquireSuccess', () => {
      throw new Error('broken listener');
    });
    pool.on('acquireSuccess', () => heard.push('second'));
    pool.release(await pool.acquire().promise);
    expect([heard, pool.numFree()]).toEqual([['second'], 1]);
    expect(messages.join()).toContain('broken listener');
    pool.removeAllListeners('acquireSuccess');
    await pool.acquire().promise;
    expect(heard).toEqual(['second']);
  });
});

it('keeps its books in a storm of acquires, aborts, failures and bad resources', async () => {
  let steps = 0;
  const { pool, log } = makePool({
    max: 5,
    create: async () => {
      if (++steps % 5 === 0) throw new Error('create');
      return { n: log.created++ };
    },
    validate: async () => ++steps % 4 !== 0,
    createRetryIntervalMillis: 1,
    idleTimeoutMillis: 5,
  });
  let used = 0;
  let most = 0;
  const clients = Array.from({ length: 300 }, async (_, i) => {
    const pending = pool.acquire();
    if (i % 10 === 0) setImmediate(pending.abort);
    const thing = await pending.promise;
    most = Math.max(most, ++used);
    if (i % 3 === 0) await turn();
    used--;
    pool.release(thing);
  });
  const outcomes = await Promise.allSettled(clients);
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeLessThanOrEqual(30);
  expect(most).toBeLessThanOrEqual(5);
  expect([used, pool.numUsed(), pool.numPendingAcquires()]).toEqual([0, 0, 0]);
  await pool.destroy();
  expect(log.destroyed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: log.created }, (_, n) => n));
});
