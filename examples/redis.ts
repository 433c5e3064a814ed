/** Redis by `ioredis`: transactions that watch, a connection that is cut, one that blocks. Starts a `redis-server` of its own. */
import { Redis } from 'ioredis';
import { createTaskManager } from 'tasker';
import { RedisServer } from '../packages/tasker-distributed/test/support/redis-server.ts';

const server = await RedisServer.create();
await server.start();

/** Somebody else has changed what a transaction watched. */
class Conflict extends Error {}

// Ordinary commands share one connection well. One for each worker is for what a connection keeps: WATCH, MULTI, and what blocks.
const redis = await createTaskManager<Redis>({
  onCreate: async ({ invalidate }) => {
    const client = new Redis(server.url, {
      lazyConnect: true,
      connectTimeout: 5_000,
      retryStrategy: () => null, // the manager replaces it, and its task runs again: two who do so would hide it from each other
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => {}); // without a listener they are printed; `end` follows
    client.on('end', () => invalidate(new Error('Connection is closed.')));
    await client.connect();
    return client;
  },
  onDestroy: (client) => client.disconnect(),
  checkHealth: (error, { invalidated }) => {
    if (error instanceof Conflict) return { resource: 'keep', task: 'retry', after: Math.random() * 20 };
    const { message } = error as Error;
    if (/^(READONLY|LOADING|MASTERDOWN)/.test(message)) return false; // after a failover: another connection finds the new master
    return !(invalidated && /Connection is closed|ECONN|EPIPE|max retries per request|Command aborted/i.test(message));
  },
  onRelease: (client) => client.unwatch(),
  validate: async (client) => (await client.ping()) === 'PONG',
  workerCount: 4,
  scaling: 'off',
  resourcePoolSize: 0,
  maxRetries: 30,
});

/** Takes one from the stock, if there is any: nobody may have changed it between the look and the write. */
const sell = async (client: Redis): Promise<boolean> => {
  await client.watch('stock');
  const stock = Number(await client.get('stock'));
  if (stock === 0) return false;
  const results = await client
    .multi()
    .set('stock', stock - 1)
    .incr('sold')
    .exec();
  if (results === null) throw new Conflict();
  return true;
};

await redis.queueTask((client) => client.set('stock', 20));
const sales = await Promise.all(Array.from({ length: 30 }, () => redis.queueTask(sell)));
console.log(`${sales.filter(Boolean).length} of 30 have got one`);

// A connection that is cut: its task runs again on another one.
const left = await redis.queueTask(async (client, { attempt }) => {
  if (attempt === 1) await client.call('CLIENT', 'KILL', 'ID', await client.client('ID'), 'SKIPME', 'no');
  return client.get('stock');
});
console.log(`${left} left, after a cut`);

// One that blocks listens to nothing: to stop it, cut it.
const blocked = redis.queueTask(
  async (client, { signal, invalidate }) => {
    signal.addEventListener('abort', () => {
      invalidate();
      client.disconnect();
    });
    return client.blpop('nothing', 0);
  },
  { name: 'blpop', timeout: 200 },
);
await blocked.catch((error: Error) => console.log(error.message));

const pushed = redis.queueTask((client) => client.blpop('jobs', 5));
await redis.queueTask((client) => client.rpush('jobs', 'a job'));
console.log((await pushed)?.[1]);
await redis.stop();
await server.remove();
