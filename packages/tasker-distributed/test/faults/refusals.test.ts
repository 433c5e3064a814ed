import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { postgresStore, redisStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useBench, useStore } from '../support/use-bench.ts';

/** Stores that are there and take no results for a while. */

const nothing = (): void => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

interface Refusing {
  /** How often it has refused the end of a task. */
  count(): Promise<number>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** As a primary does whose replicas are gone: no write at all. */
async function refuseInRedis(url: string): Promise<Refusing> {
  const redis = new Redis(url);
  const count = async (): Promise<number> =>
    Number(/errorstat_NOREPLICAS:count=(\d+)/.exec(await redis.info('errorstats'))?.[1] ?? 0);
  await redis.config('RESETSTAT');
  await redis.config('SET', 'min-replicas-to-write', 1);
  const accept = async (): Promise<void> => void (await redis.config('SET', 'min-replicas-to-write', 0));
  return { count, accept, close: async () => redis.disconnect() };
}

/** As a disk does that is full: nothing that has ended is kept, while rows that are there may change. A sequence counts what is undone. */
async function refuseInPostgres(url: string): Promise<Refusing> {
  const database = new Client(url);
  await database.connect();
  await database.query(`
    create sequence refusals;
    create function refuse() returns trigger language plpgsql as $$ begin
      perform nextval('public.refusals');
      raise exception 'no space left on device' using errcode = '53100';
    end $$;
    create trigger refuse before update on bullmq.job for each row
      when (new.state in ('completed', 'failed')) execute function refuse();`);
  const count = async (): Promise<number> => {
    const { rows } = await database.query(
      'select case when is_called then last_value else 0 end::int as n from refusals',
    );
    return rows[0]?.n;
  };
  const accept = async (): Promise<void> => void (await database.query('drop trigger refuse on bullmq.job'));
  const close = async (): Promise<void> => {
    await database.query('drop function refuse cascade; drop sequence refusals');
    await database.end();
  };
  return { count, accept, close };
}

describe.each([
  ['Redis', redisStore, refuseInRedis],
  ['PostgreSQL', postgresStore, refuseInPostgres],
] as const)('on %s', (_store, makeStore, refuse) => {
  const store = useStore(makeStore);
  const bench = useBench(store);

  test.each([
    ['', undefined],
    [', that may run once', false],
  ] as const)(
    'a result that is refused is stored as soon as it is taken, and its task%s does not run again',
    async (_once, retry) => {
      const runs = { ends: 0, fails: 0 };
      const gate = new Gate();
      const tasks = defineTasks()({
        ends: async () => (runs.ends++, await gate.pass(), 'done'),
        fails: async () => {
          runs.fails++;
          await gate.pass();
          throw new RangeError('too far');
        },
      });
      await bench().worker(tasks, { workerCount: 2, maxWorkerCount: 2, logger });
      const client = await bench().client(tasks);
      const ends = client.queueTask('ends', undefined, { retry });
      const fails = failing(client.queueTask('fails', undefined, { retry }));
      await until(() => gate.held === 2, 'both to run');
      const refusing = await refuse(store().url);
      try {
        gate.open();
        await until(async () => (await refusing.count()) > 4, 'their ends to be refused');
        await refusing.accept();
        expect(await ends).toBe('done');
        expect(await fails).toMatchObject({ name: 'RangeError', message: 'too far' });
        expect(runs).toEqual({ ends: 1, fails: 1 });
      } finally {
        await refusing.close();
      }
    },
  );
});

describe('a result that PostgreSQL refuses', () => {
  const store = useStore(postgresStore);
  const bench = useBench(store);

  test('for longer than the lock is still its worker’s', async () => {
    let runs = 0;
    const gate = new Gate();
    const tasks = defineTasks()({ hold: async () => (runs++, await gate.pass(), 'done') });
    for (let i = 0; i < 2; i++) await bench().worker(tasks, { lock: 900, lockCheck: 100, logger });
    const client = await bench().client(tasks);
    const result = client.queueTask('hold');
    await until(() => gate.held === 1, 'it to run');
    const refusing = await refuseInPostgres(store().url);
    try {
      gate.open();
      await until(async () => (await refusing.count()) > 3, 'it to be refused for seconds');
      await refusing.accept();
      expect(await result).toBe('done');
      expect(runs).toBe(1);
    } finally {
      await refusing.close();
    }
  });
});
