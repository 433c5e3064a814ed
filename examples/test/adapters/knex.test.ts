import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import knex from 'knex';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PostgresServer } from '../../../packages/tasker/test/faults/postgres-server.ts';
import { until } from '../../../packages/tasker/test/faults/until.ts';
import { pooledClient } from '../../adapters/knex.ts';
import { Pool } from '../../adapters/tarn.ts';
import { makeFolder } from '../fixture.ts';

const require = createRequire(import.meta.url);

/** SQLite with a driver that comes compiled and has the face of better-sqlite3. */
class SqliteClient extends pooledClient('better-sqlite3') {
  _driver(): unknown {
    return require('libsql');
  }
}

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.create();
  await server.start();
}, 120_000);

afterAll(async () => {
  await server?.remove();
});

/** Ends with the test. */
function open(config: Knex.Config): Knex {
  const db = knex({ log: { warn: () => {} }, ...config });
  onTestFinished(() => db.destroy());
  return db;
}

const poolOf = (db: Knex): Pool<unknown> => (db.client as { pool: Pool<unknown> }).pool;

const databases = {
  SQLite: async (config?: Knex.Config): Promise<Knex> => {
    const folder = await makeFolder({});
    const connection = { filename: join(folder, 'test.db') };
    return open({ client: SqliteClient, connection, useNullAsDefault: true, ...config });
  },
  PostgreSQL: async (config?: Knex.Config): Promise<Knex> => {
    const { port } = server;
    const connection = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres', application_name: 'pool' };
    return open({ client: pooledClient('postgres'), connection, pool: { min: 0, max: 4 }, ...config });
  },
};

/** A table of one account with 100 in it. */
async function makeAccounts(db: Knex): Promise<void> {
  await db.schema.dropTableIfExists('accounts');
  await db.schema.createTable('accounts', (table) => {
    table.integer('id').primary();
    table.integer('balance').notNullable();
  });
  await db('accounts').insert({ id: 1, balance: 100 });
}

const balances = async (db: Knex): Promise<number[]> =>
  (await db('accounts').orderBy('id').select('balance')).map(({ balance }: { balance: number }) => balance);

describe.each(Object.entries(databases))('knex with %s', (name, connect) => {
  it('has the pool of the adapter', async () => {
    const db = await connect();
    expect(poolOf(db)).toBeInstanceOf(Pool);
    expect(poolOf(db).numUsed()).toBe(0);
  });

  it('answers more queries than there are connections, with no more connections than allowed', async () => {
    const db = await connect();
    await makeAccounts(db);
    const pool = poolOf(db);
    const { max } = db.client.getPoolSettings(db.client.config.pool) as { max: number };
    let most = 0;
    pool.on('acquireSuccess', () => (most = Math.max(most, pool.numUsed() + pool.numFree())));
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const [row] = await db('accounts').select<{ sum: number }[]>(db.raw('cast(? as int) + balance as sum', [i]));
        return row?.sum;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, i) => 100 + i));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(max);
    expect([pool.numUsed(), pool.numPendingAcquires()]).toEqual([0, 0]);
  });

  it('rejects a wrong query, and the connection goes on', async () => {
    const db = await connect({ pool: { min: 0, max: 1 } });
    await expect(db('nowhere').select()).rejects.toThrow('nowhere');
    expect(await db.select(db.raw('1 as one'))).toEqual([{ one: 1 }]);
  });

  it('commits a transaction, and rolls back one that fails inside', async () => {
    const db = await connect();
    await makeAccounts(db);
    await db.transaction(async (trx) => {
      await trx('accounts').insert({ id: 2, balance: 0 });
      await trx('accounts').where({ id: 1 }).decrement('balance', 30);
      await trx('accounts').where({ id: 2 }).increment('balance', 30);
    });
    expect(await balances(db)).toEqual([70, 30]);
    const failing = db.transaction(async (trx) => {
      await trx('accounts').where({ id: 1 }).decrement('balance', 50);
      await trx('accounts').insert({ id: 2, balance: 50 }); // there is one
    });
    await expect(failing).rejects.toThrow(/unique/i);
    expect(await balances(db)).toEqual([70, 30]);
    expect(poolOf(db).numUsed()).toBe(0);
  });

  it('rolls back what a transaction is told to', async () => {
    const db = await connect();
    await makeAccounts(db);
    const trx = await db.transaction();
    await trx('accounts').update({ balance: 0 });
    expect(poolOf(db).numUsed()).toBe(1);
    await trx.rollback();
    expect(await balances(db)).toEqual([100]);
    expect(poolOf(db).numUsed()).toBe(0);
  });

  it('rolls back an inner transaction alone', async () => {
    const db = await connect();
    await makeAccounts(db);
    await db.transaction(async (trx) => {
      await trx('accounts').decrement('balance', 1);
      const inner = trx.transaction(async (nested) => {
        await nested('accounts').decrement('balance', 10);
        await nested.transaction((innermost) => innermost('accounts').decrement('balance', 20));
        throw new Error('not that');
      });
      await expect(inner).rejects.toThrow('not that');
      await trx.transaction((nested) => nested('accounts').decrement('balance', 2));
    });
    expect(await balances(db)).toEqual([97]);
  });

  it('rejects with a KnexTimeoutError when no connection is free in time, and goes on afterwards', async () => {
    const db = await connect({ pool: { min: 0, max: 1 }, acquireConnectionTimeout: 50 });
    const trx = await db.transaction();
    await expect(db.select(db.raw('1 as one'))).rejects.toBeInstanceOf(knex.KnexTimeoutError);
    await trx.commit();
    expect(await db.select(db.raw('1 as one'))).toEqual([{ one: 1 }]);
  });

  it('waits in destroy() for a transaction, answers nothing after it, and can be initialized again', async () => {
    const db = await connect();
    await makeAccounts(db);
    const trx = await db.transaction();
    const destroyed = db.destroy();
    await trx('accounts').update({ balance: 5 });
    await trx.commit();
    await destroyed;
    await expect(db('accounts').select()).rejects.toThrow('Unable to acquire a connection');
    db.initialize();
    expect(await balances(db)).toEqual([5]);
  });

  it('destroys what it has made, once each', async () => {
    const db = await connect();
    const counts = { created: 0, destroyed: 0 };
    poolOf(db).on('createSuccess', () => counts.created++);
    poolOf(db).on('destroySuccess', () => counts.destroyed++);
    await Promise.all(Array.from({ length: 20 }, () => db.raw('select 1')));
    await db.destroy();
    expect(counts.created).toBeGreaterThan(0);
    expect(counts.destroyed).toBe(counts.created);
    expect(name === 'SQLite' ? 0 : await server.connections()).toBe(0);
  });
});

it('keeps a database that is in memory', async () => {
  const db = open({
    client: SqliteClient,
    connection: { filename: ':memory:' },
    useNullAsDefault: true,
    pool: { min: 1, max: 1, idleTimeoutMillis: 1 },
  });
  await makeAccounts(db);
  await sleep(20); // longer than any idle connection may stay, but the last
  expect(await balances(db)).toEqual([100]);
});

it('rejects at once if no connection can be made', async () => {
  const db = open({ client: pooledClient('postgres'), connection: { host: '127.0.0.1', port: 1, user: 'nobody' } });
  await expect(db.raw('select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

it('streams rows, and gives the connection back when the reader leaves', async () => {
  const db = await databases.PostgreSQL({ pool: { min: 0, max: 1 } });
  const seen: number[] = [];
  for await (const { n } of db.select(db.raw('generate_series(1, 1000) as n')).stream()) seen.push(n as number);
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  for await (const { n } of db.select(db.raw('generate_series(1, 100000) as n')).stream()) if (n === 5) break;
  await until(() => poolOf(db).numUsed() === 0, 'the connection to come back');
  expect(await db.select(db.raw('1 as one'))).toEqual([{ one: 1 }]);
});

describe('knex while backends are terminated', () => {
  const SIZE = 8;

  /** A load of queries, transactions and failing transactions, and what it meets. */
  function load(db: Knex) {
    const met = { answers: 0, wrong: [] as unknown[], errors: [] as string[] };
    const stopping = new AbortController();
    const work = [
      async (i: number) => {
        // In a transaction that somebody has left open, the two instants differ.
        const { rows } = await db.raw(`select ${i} as n, now() = statement_timestamp() as fresh`);
        if (rows[0].n !== i || rows[0].fresh !== true) met.wrong.push(rows[0]);
      },
      (i: number) =>
        db.transaction(async (trx) => {
          await trx('accounts').where({ id: 1 }).decrement('balance', i);
          await trx.transaction((nested) => nested('accounts').where({ id: 2 }).increment('balance', i));
        }),
      (i: number) =>
        db
          .transaction(async (trx) => {
            await trx('accounts').where({ id: 1 }).decrement('balance', i);
            await trx('accounts').insert({ id: 2, balance: i }); // fails, and with it the transaction
          })
          .catch((error: { code?: string }) => {
            if (error.code !== '23505') throw error;
          }),
    ];
    const client = async (_: unknown, index: number): Promise<void> => {
      for (let i = index; !stopping.signal.aborted; i += 3 * SIZE) {
        await work[i % 3]?.(i).then(
          () => met.answers++,
          (error: Error) => met.errors.push(error.message),
        );
      }
    };
    const ended = Promise.all(Array.from({ length: 3 * SIZE }, client));
    const stop = (): Promise<unknown> => {
      stopping.abort();
      return ended;
    };
    return { met, stop };
  }

  it('hands on no dead connection and no open transaction, and loses none', async () => {
    const db = await databases.PostgreSQL({ pool: { min: 0, max: SIZE } });
    await makeAccounts(db);
    await db('accounts').insert({ id: 2, balance: 0 });
    const pool = poolOf(db);
    const { met, stop } = load(db);
    let terminated = 0;
    for (let round = 0; round < 12; round++) {
      await until(async () => (await server.connections()) >= SIZE / 2, 'connections');
      const rows = await server.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool' order by random() limit 4`,
      );
      terminated += rows.length;
    }
    await until(() => met.answers > 2 * met.errors.length, 'answers');
    await stop();
    const { wrong, errors } = met;
    expect(terminated).toBeGreaterThan(12);
    expect(errors.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
    expect(errors.filter((message) => /transaction is aborted|Timeout acquiring/.test(message))).toEqual([]);
    const [one = 0, two = 0] = await balances(db);
    expect(one + two).toBe(100);
    // All connections can be had at the same time, and each of them works.
    const held = await Promise.all(Array.from({ length: SIZE }, () => db.transaction()));
    expect(pool.numUsed()).toBe(SIZE);
    const pids = await Promise.all(
      held.map(async (trx) => (await trx.raw('select pg_backend_pid() as pid')).rows[0].pid),
    );
    expect(new Set(pids).size).toBe(SIZE);
    await Promise.all(held.map((trx) => trx.commit()));
    await Promise.all(Array.from({ length: 200 }, () => db.raw('select 1')));
    expect([pool.numUsed(), pool.numPendingAcquires()]).toEqual([0, 0]);
    expect(await server.connections()).toBeLessThanOrEqual(SIZE);
  });

  it('goes on by itself after all idle connections are gone', async () => {
    const db = await databases.PostgreSQL({ pool: { min: 2, max: 4 } });
    await Promise.all(Array.from({ length: 20 }, () => db.raw('select 1')));
    const ended = await server.query<{ pid: number }>(
      `select pid, pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool'`,
    );
    const pids = ended.map(({ pid }) => pid).join(); // others may take their places at once
    const isLeft = async (): Promise<boolean> =>
      (await server.query(`select from pg_stat_activity where pid in (${pids})`)).length > 0;
    await until(async () => !(await isLeft()), 'the backends to end');
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => db.raw('select 1')));
    const errors = answers.filter(({ status }) => status === 'rejected');
    expect(errors.length).toBeLessThanOrEqual(4); // of connections whose end had not arrived
    await Promise.all(Array.from({ length: 50 }, () => db.raw('select 1')));
  });
});
