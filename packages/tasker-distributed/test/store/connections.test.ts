import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, defineTasks } from '../../src/index.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
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

/** What a client hears whose URL is changed. */
function refusal(change: (url: URL) => void): Promise<unknown> {
  const url = new URL(store().url);
  change(url);
  return failing(connect(defineTasks()({}), url.href));
}

test('whom Redis refuses hears of it at once, in its words, and no connection is left', async () => {
  await redis.call('ACL', 'SETUSER', 'timeless', 'on', '>pw', '~*', '&*', '+@all', '-time');
  const code = 'STORE_UNREACHABLE';
  expect(await refusal((url) => Object.assign(url, { username: 'timeless', password: 'wrong' }))).toMatchObject({
    code,
    message: expect.stringMatching(/^Redis at redis:\/\/127\.0\.0\.1:\d+ did not let us in: WRONGPASS/),
  });
  expect(await refusal((url) => (url.pathname = '99'))).toMatchObject({
    code,
    message: expect.stringContaining('DB index is out of range'),
  });
  const timeless = await refusal((url) => Object.assign(url, { username: 'timeless', password: 'pw' }));
  expect(timeless).toMatchObject({ code, message: expect.stringContaining('NOPERM') });
  await until(async () => (await connections()) === 0, 'the connections to end');
});

test('while Redis is a replica, as when another one takes over, nothing is lost or run again', async () => {
  let runs = 0;
  const gate = new Gate();
  const tasks = defineTasks()({ hold: async () => (runs++, await gate.pass(), 'done') });
  await bench().worker(tasks);
  const client = await bench().client(tasks);
  const result = client.queueTask('hold');
  await until(() => gate.held === 1, 'it to run');
  await redis.replicaof('127.0.0.1', 1);
  const refused = Number(/total_error_replies:(\d+)/.exec(await redis.info())?.[1]);
  gate.open();
  const other = client.queueTask('hold');
  await until(
    async () => Number(/total_error_replies:(\d+)/.exec(await redis.info())?.[1]) > refused + 2,
    'Redis to refuse what is written',
  );
  await redis.replicaof('no', 'one');
  expect(await Promise.all([result, other])).toEqual(['done', 'done']);
  expect(runs).toBe(2);
});
