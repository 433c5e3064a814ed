import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPool, TimeoutError } from '../../adapters/generic-pool.ts';
import type { Factory, Pool, PoolOptions } from '../../adapters/generic-pool.ts';

interface Thing {
  readonly n: number;
}

/** A pool of numbered things, emptied after the test, and what became of them. */
function makePool(options: PoolOptions = {}, factory: Partial<Factory<Thing>> = {}) {
  const log = { created: 0, destroyed: [] as number[] };
  const pool = createPool<Thing>(
    {
      create: async () => ({ n: log.created++ }),
      destroy: async ({ n }) => void log.destroyed.push(n),
      ...factory,
    },
    options,
  );
  onTestFinished(() => close(pool));
  return { pool, log };
}

/** Drains and clears the pool, whatever of it is still lent. */
async function close(pool: Pool<Thing>): Promise<void> {
  const drained = pool.drain();
  for (const thing of lent.get(pool) ?? []) await pool.release(thing).catch(() => {});
  await drained;
  await pool.clear();
}

const lent = new WeakMap<Pool<Thing>, Thing[]>();

async function acquire(pool: Pool<Thing>, priority?: number): Promise<Thing> {
  const thing = await pool.acquire(priority);
  lent.set(pool, [...(lent.get(pool) ?? []), thing]);
  return thing;
}

describe('sizes', () => {
  it('are 0 to 1 if nothing is said, or nothing sensible', () => {
    for (const options of [{}, { min: 'few', max: [] } as unknown as PoolOptions]) {
      const { pool } = makePool(options);
      expect([pool.min, pool.max]).toEqual([0, 1]);
    }
  });

  it('have min follow max', () => {
    const { pool } = makePool({ min: 5, max: 3 });
    expect([pool.min, pool.max]).toEqual([3, 3]);
  });

  it('need a factory that fits', () => {
    expect(() => createPool({} as Factory<Thing>)).toThrow(TypeError);
    expect(() => createPool({ create: () => ({ n: 0 }), destroy: () => {} }, { testOnBorrow: true })).toThrow(
      TypeError,
    );
  });
});

describe('acquire, release, destroy', () => {
  it('count what is lent, free, made and waited for', async () => {
    const { pool } = makePool({ max: 2 });
    const counts = (): number[] => [pool.size, pool.available, pool.borrowed, pool.pending, pool.spareResourceCapacity];
    expect(counts()).toEqual([0, 0, 0, 0, 2]);
    const first = await acquire(pool);
    expect(counts()).toEqual([1, 0, 1, 0, 1]);
    const second = await acquire(pool);
    const third = acquire(pool);
    expect(counts()).toEqual([2, 0, 2, 1, 0]);
    void pool.release(first);
    expect(await third).toBe(first);
    expect(counts()).toEqual([2, 0, 2, 0, 0]);
    void pool.release(second);
    expect(counts()).toEqual([2, 1, 1, 0, 0]);
    void pool.release(first);
    expect(counts()).toEqual([2, 2, 0, 0, 0]);
  });

  it('know what is theirs', async () => {
    const { pool } = makePool();
    const thing = await acquire(pool);
    expect([pool.isBorrowedResource(thing), pool.isBorrowedResource({ n: 0 })]).toEqual([true, false]);
    await expect(pool.release({ n: 0 })).rejects.toThrow('not borrowed');
    await expect(pool.destroy({ n: 0 })).rejects.toThrow('not borrowed');
    expect(pool.borrowed).toBe(1);
    await pool.release(thing);
    expect(pool.isBorrowedResource(thing)).toBe(false);
    await expect(pool.release(thing)).rejects.toThrow('not borrowed');
  });

  it('serve by priority, 0 first, and in turn', async () => {
    const { pool } = makePool({ max: 1 });
    const thing = await acquire(pool);
    const order: number[] = [];
    const all = [1, 0, 2, 1, 0].map(async (priority, i) => {
      const mine = await pool.acquire(priority);
      order.push(i);
      void pool.release(mine);
    });
    void pool.release(thing);
    await Promise.all(all);
    expect(order).toEqual([1, 4, 0, 3, 2]);
  });

  it('make another one for whoever waits for what is destroyed', async () => {
    const { pool, log } = makePool({ max: 1 });
    const first = await acquire(pool);
    const second = acquire(pool);
    await pool.destroy(first);
    expect((await second).n).toBe(1);
    expect([log.destroyed, pool.size, pool.borrowed]).toEqual([[0], 1, 1]);
  });

  it('refuse more who wait than maxWaitingClients', async () => {
    const { pool } = makePool({ max: 2, maxWaitingClients: 1 });
    const both = await Promise.all([acquire(pool), acquire(pool)]);
    const waiting = acquire(pool);
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    void pool.release(both[0]);
    expect(await waiting).toBe(both[0]);
    const none = makePool({ max: 2, maxWaitingClients: 0 });
    await Promise.all([acquire(none.pool), acquire(none.pool)]);
    await expect(none.pool.acquire()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('give up after acquireTimeoutMillis, and lose nothing', async () => {
    const { pool, log } = makePool({ acquireTimeoutMillis: 20 }, { create: () => sleep(60, { n: log.created++ }) });
    await expect(pool.acquire()).rejects.toBeInstanceOf(TimeoutError);
    await expect.poll(() => pool.available).toBe(1);
    expect((await acquire(pool)).n).toBe(0);
    expect(pool.pending).toBe(0);
  });
});

describe('use', () => {
  it('gives back what the function is done with', async () => {
    const { pool, log } = makePool();
    expect(await pool.use(async ({ n }) => `used ${n}`)).toBe('used 0');
    expect([pool.borrowed, pool.available, log.destroyed]).toEqual([0, 1, []]);
  });

  it('destroys what the function has failed with', async () => {
    const { pool, log } = makePool();
    await expect(pool.use(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await pool.use(({ n }) => n)).toBe(1);
    expect(log.destroyed).toEqual([0]);
  });
});

describe('min, start and ready', () => {
  it('make min resources by themselves', async () => {
    const { pool, log } = makePool({ min: 2, max: 4 });
    expect(pool.size).toBe(2);
    await pool.ready();
    expect([pool.available, log.created]).toEqual([2, 2]);
  });

  it('wait with autostart: false for start() or the first acquire', async () => {
    const idle = makePool({ min: 1, autostart: false });
    await turn();
    expect(idle.log.created).toBe(0);
    idle.pool.start();
    await idle.pool.ready();
    expect(idle.log.created).toBe(1);
    const asked = makePool({ min: 1, autostart: false });
    expect((await acquire(asked.pool)).n).toBe(0);
  });

  it('replace what is destroyed, down to min', async () => {
    const { pool, log } = makePool({ min: 2, max: 2 });
    await pool.ready();
    await pool.destroy(await acquire(pool));
    await expect.poll(() => pool.available).toBe(2);
    expect([log.created, log.destroyed.length]).toEqual([3, 1]);
  });
});

describe('testOnBorrow', () => {
  it('lends nothing that is not valid', async () => {
    const asked: number[] = [];
    const validate = async ({ n }: Thing): Promise<boolean> => {
      asked.push(n);
      return n !== 0 || asked.length === 1;
    };
    const { pool, log } = makePool({ max: 1, testOnBorrow: true }, { validate });
    const first = await acquire(pool);
    await pool.release(first);
    expect((await acquire(pool)).n).toBe(1);
    expect([first.n, log.destroyed]).toEqual([0, [0]]);
  });

  it('takes a validation that fails for a no', async () => {
    let calls = 0;
    const { pool, log } = makePool(
      { max: 1, testOnBorrow: true },
      { validate: () => (++calls === 2 ? Promise.reject(new Error('cannot tell')) : Promise.resolve(true)) },
    );
    await pool.release(await acquire(pool));
    expect((await acquire(pool)).n).toBe(1);
    expect(log.destroyed).toEqual([0]);
  });
});

describe('failures of the factory', () => {
  it('are events, and create is tried again', async () => {
    let calls = 0;
    const create = (): Promise<Thing> =>
      ++calls < 3 ? Promise.reject(new Error(`no ${calls}`)) : Promise.resolve({ n: calls });
    const { pool } = makePool({}, { create });
    const errors: string[] = [];
    pool.on('factoryCreateError', (error: Error) => errors.push(error.message));
    expect((await acquire(pool)).n).toBe(3);
    expect(errors).toEqual(['no 1', 'no 2']);
  });

  it('are told to those who wait when they go on', async () => {
    const { pool } = makePool({ max: 1 }, { create: () => Promise.reject(new Error('no such host')) });
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'CREATE_FAILED', cause: { message: 'no such host' } });
  });

  it.each<[string, Factory<Thing>['destroy']]>([
    ['reject', () => Promise.reject(new Error('still open'))],
    ['take too long', () => sleep(60_000, undefined, { ref: false })],
  ])('are events when destroy may %s', async (_, destroy) => {
    const { pool } = makePool({ destroyTimeoutMillis: 20 }, { destroy });
    const error = new Promise((resolve) => void pool.on('factoryDestroyError', resolve));
    await pool.destroy(await acquire(pool));
    expect(await error).toBeInstanceOf(Error);
    expect((await acquire(pool)).n).toBe(1);
  });
});

describe('eviction', () => {
  it('is off unless evictionRunIntervalMillis is given', async () => {
    const { pool, log } = makePool({ idleTimeoutMillis: 1, softIdleTimeoutMillis: 1 });
    await pool.release(await acquire(pool));
    await sleep(20);
    expect([log.destroyed, pool.available]).toEqual([[], 1]);
  });

  it.each(['idleTimeoutMillis', 'softIdleTimeoutMillis'])(
    'lets go of what has idled for %s, but for min',
    async (option) => {
      const { pool, log } = makePool({ min: 1, max: 3, evictionRunIntervalMillis: 5, [option]: 10 });
      const things = await Promise.all([acquire(pool), acquire(pool), acquire(pool)]);
      for (const thing of things) void pool.release(thing);
      await expect.poll(() => log.destroyed.length).toBe(2);
      expect(pool.available).toBe(1);
    },
  );
});

describe('drain and clear', () => {
  it('finish what was asked for, refuse the rest, and destroy everything', async () => {
    const { pool, log } = makePool({ max: 2 });
    const served: number[] = [];
    const all = Array.from({ length: 5 }, async (_, i) => {
      const thing = await pool.acquire();
      await turn();
      served.push(i);
      void pool.release(thing);
    });
    const drained = pool.drain();
    await expect(pool.acquire()).rejects.toThrow('draining');
    await Promise.all(all);
    await drained;
    expect([served.length, pool.size, log.destroyed]).toEqual([5, 2, []]);
    expect(await pool.clear()).toBeUndefined();
    expect([pool.size, log.destroyed.toSorted((a, b) => a - b)]).toEqual([0, [0, 1]]);
    await expect(pool.acquire()).rejects.toThrow('draining');
  });

  it('wait for what is lent', async () => {
    const { pool } = makePool();
    const thing = await acquire(pool);
    let isDrained = false;
    const drained = pool.drain().then(() => (isDrained = true));
    await turn();
    expect(isDrained).toBe(false);
    await pool.release(thing);
    await drained;
  });

  it('end a pool at once whose min is being made', async () => {
    const { pool, log } = makePool({ min: 3, max: 3 });
    await pool.drain();
    await pool.clear();
    expect([pool.size, log.destroyed.length]).toEqual([0, log.created]);
  });

  it('let a pool go on that was cleared without a drain', async () => {
    const { pool, log } = makePool({ max: 2 });
    await pool.release(await acquire(pool));
    await pool.clear();
    await expect.poll(() => log.destroyed).toEqual([0]);
    expect((await acquire(pool)).n).toBe(1);
  });
});
