import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { defineTasks, isDistributedError } from '../../src/index.ts';
import { failing } from '../support/failing.ts';
import { redisStore } from '../support/stores.ts';
import { useBench, useStore } from '../support/use-bench.ts';

const store = useStore(redisStore);
const bench = useBench(store);

test('a store that is full half-way: the error tells what it has, and the rest can be submitted under its ids', async () => {
  const tasks = defineTasks()({ keep: (_, text: string) => text.length });
  const client = await bench().client(tasks);
  const redis = new Redis(store().url);
  try {
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory', used + 5_000_000);
    const inputs = Array.from({ length: 5_000 }, () => 'x'.repeat(1_500));
    const error = await failing(client.submitMany('keep', inputs));
    expect(error).toMatchObject({ code: 'NOT_ALL_STORED', cause: { message: expect.stringContaining('OOM') } });
    if (!isDistributedError(error, 'NOT_ALL_STORED')) return;
    const { ids = [], stored = [] } = error;
    expect(ids).toHaveLength(5_000);
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.length).toBeLessThan(5_000);
    expect(error.message).toMatch(`the store is known to have ${stored.length} of 5000 tasks: OOM`);
    await redis.config('SET', 'maxmemory', 0);
    expect((await client.stats()).queued).toBeGreaterThanOrEqual(stored.length);
    const known = new Set(stored);
    const others = [...ids.entries()].filter(([, id]) => !known.has(id));
    await Promise.all(others.map(([i, id]) => client.submit('keep', inputs[i] ?? '', { id })));
    expect((await client.stats()).queued).toBe(5_000);
  } finally {
    redis.disconnect();
  }
});
