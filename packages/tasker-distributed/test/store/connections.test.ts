import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import { redisStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useBench, useStore } from '../support/use-bench.ts';

/** As the guide to deploying has it, by which people size their servers. */
const OF_A_WORKER = 3;
const OF_WHO_SUBMITS = 1;
const OF_WHO_WAITS = 2;

const store = useStore(redisStore);
const bench = useBench(store);
let redis: Redis;
beforeAll(() => {
  redis = new Redis(store().url);
});
afterAll(() => redis?.disconnect());

async function connections(): Promise<number> {
  const list = String(await redis.client('LIST'));
  return list.trim().split('\n').length - 1; // ours
}

test('a worker and a client take as many connections to Redis as the guide says, whatever they have to do', async () => {
  const tasks = defineTasks()({ ping: async () => 'pong' });
  const client = await bench().client(tasks);
  await client.submitMany('ping', Array.from({ length: 100 }));
  expect(await connections()).toBe(OF_WHO_SUBMITS);
  const worker = await bench().worker(tasks, { workerCount: 8, maxWorkerCount: 8 });
  await Promise.all(Array.from({ length: 100 }, () => client.queueTask('ping')));
  expect(await connections()).toBe(OF_A_WORKER + OF_WHO_WAITS);
  await worker.stop();
  await until(async () => (await connections()) === OF_WHO_WAITS, 'the connections of the worker to end');
});
