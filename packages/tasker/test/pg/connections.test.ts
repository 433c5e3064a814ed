import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import pg from 'pg';
import { createTaskManager, startTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { cancelOnAbort, isConnectionLost, pgConnections, transaction, UnknownCommitError } from 'tasker/pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PostgresServer } from '../faults/postgres-server.ts';
import { until } from '../faults/until.ts';

/** Against a real server, whose backends are ended on the way. */

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.create();
  await server.start();
  await server.query('create table ledger (id int not null)');
}, 120_000);

afterAll(async () => {
  await server?.remove();
});

async function start(
  config: Partial<TaskManagerConfig<pg.Client>> = {},
  makeClient: () => pg.Client = () => server.client(),
): Promise<TaskManager<pg.Client>> {
  const sizes = { workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 0 };
  const manager = await createTaskManager({ ...pgConnections(makeClient), ...sizes, ...config });
  onTestFinished(async () => {
    await manager.kill();
    await terminate(); // the server has not noticed yet that nobody waits for a query
  });
  return manager;
}

/** Ends the backends of the pool, or those that wait for this. */
async function terminate(where = 'true'): Promise<number> {
  const rows = await server.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool' and ${where}`,
  );
  return rows.length;
}

const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? NaN;

const ask = async (client: pg.Client, i: number): Promise<number | undefined> =>
  (await client.query<{ n: number }>('select $1::int as n, pg_sleep(0.002)', [i])).rows[0]?.n;

const sleep = (client: pg.Client): Promise<pg.QueryResult> => client.query('select pg_sleep(600)');

/** Until a query of the pool runs on the server. */
const sleeps = (): Promise<void> =>
  until(async () => {
    const rows = await server.query(
      `select from pg_stat_activity where application_name = 'pool' and state = 'active' and query like '%sleep%'`,
    );
    return rows.length > 0;
  }, 'the query to run');

const written = async (): Promise<number[]> =>
  (await server.query<{ id: number }>('select id from ledger order by id')).map(({ id }) => id);

describe('a lost connection', () => {
  test('under load costs no task its answer, whichever backends are ended', async () => {
    const manager = await start({ workerCount: 4, maxWorkerCount: 8, maxRetries: 20 });
    const answers = Promise.all(Array.from({ length: 500 }, (_, i) => manager.queueTask((client) => ask(client, i))));
    for (let round = 0; round < 4; round++) {
      const done = manager.metrics().totalTasksCompleted;
      await until(() => manager.metrics().totalTasksCompleted > done, 'tasks to be completed');
      expect(await terminate()).toBeGreaterThan(0);
    }
    expect(await answers).toEqual(Array.from({ length: 500 }, (_, i) => i));
    await manager.stop();
    await until(async () => (await server.connections()) === 0, 'all connections to be closed');
  });

  test('is replaced while it is idle', async () => {
    const manager = await start();
    const pid = await manager.queueTask(pidOf);
    await terminate();
    await until(() => manager.metrics().totalResourcesCreated === 2, 'another connection');
    expect(await manager.queueTask(pidOf)).not.toBe(pid);
    expect(manager.metrics().totalTasksRetried).toBe(0);
  });

  test('outlives a server that is stopped and started again', async () => {
    const manager = await start({ createBackoff: () => 20 });
    const outcome = manager
      .queueTask((client) => client.query('select pg_sleep(0.5)'))
      .then(
        ({ rowCount }) => rowCount,
        (error: { code: string }) => error.code,
      );
    await sleeps();
    await server.stop();
    await server.start();
    expect([1, 'CREATE_FAILED']).toContain(await outcome);
    await until(() => manager.stats().activeWorkers === 1, 'a connection');
    expect(await manager.queueTask(pidOf)).toBeGreaterThan(0);
  });

  test('is told apart from a query that fails, and from another socket that breaks', async () => {
    const manager = await start();
    const pid = await manager.queueTask(pidOf);
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const failures = [
      (client: pg.Client) => client.query('select 1 / 0'),
      (client: pg.Client) => client.query("set statement_timeout = '10ms'; select pg_sleep(60)"),
      () => Promise.reject(reset),
      () => Promise.reject(new TypeError('fetch failed', { cause: reset })),
    ];
    for (const fail of failures) await expect(manager.queueTask(fail)).rejects.toThrow();
    expect(await manager.queueTask(pidOf)).toBe(pid);
    expect(manager.metrics().totalTasksRetried).toBe(0);
  });

  test.each([
    ['idle_in_transaction_session_timeout', 'begin', '25P03'],
    ['idle_session_timeout', 'select 1', '57P05'],
  ])('by %s is a lost one', async (setting, query, code) => {
    const manager = await start();
    const errors: unknown[] = [];
    manager.on('retried', ({ error }) => errors.push(error));
    const pid = await manager.queueTask(pidOf);
    const other = await manager.queueTask(async (client, { attempt }) => {
      if (attempt > 1) return pidOf(client);
      const ended = new Promise((resolve) => client.once('end', () => resolve(undefined)));
      const failed = new Promise<Error>((resolve) => client.once('error', resolve));
      await client.query(`set ${setting} = '10ms'`);
      await client.query(query);
      await ended;
      throw await failed;
    });
    expect(other).not.toBe(pid);
    expect(errors).toMatchObject([{ code }]);
  });

  test('by a client that no longer waits for its query fails the task once, and is replaced', async () => {
    const { port } = server;
    const manager = await start(
      {},
      () => new pg.Client({ host: '127.0.0.1', port, user: 'postgres', application_name: 'pool', query_timeout: 500 }),
    );
    const pid = await manager.queueTask(pidOf);
    await expect(manager.queueTask(sleep)).rejects.toThrow('Query read timeout');
    expect(await manager.queueTask(pidOf)).not.toBe(pid);
  });
});

describe('a connection that does not come up', () => {
  test('is closed when the server lets it in and then does not answer', async () => {
    const hooks = pgConnections(() =>
      Object.assign(server.client(), { query: () => Promise.reject(new Error('no answer')) }),
    );
    await expect(createTaskManager({ ...hooks, workerCount: 1 })).rejects.toThrow('no answer');
    await until(async () => (await server.connections()) === 0, 'the connection to be closed');
  });

  test.each(['createTimeout', 'stop'])('is closed by %s although the server says nothing', async (by) => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket.resume().on('close', () => sockets.delete(socket)));
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const manager = startTaskManager({
      ...pgConnections(() => new pg.Client({ host: '127.0.0.1', port, user: 'postgres' })),
      workerCount: 1,
      resourcePoolSize: 0,
      ...(by === 'createTimeout' && { createTimeout: 100 }),
    });
    const started = manager.ready.catch((error: unknown) => error);
    await until(() => sockets.size === 1, 'the connection');
    if (by === 'stop') await manager.stop();
    await started;
    await until(() => sockets.size === 0, 'the connection to be closed');
  });
});

const coded = (code: string, more = {}): Error => Object.assign(new Error('any'), { code, ...more });

describe('isConnectionLost', () => {
  test.each([
    coded('08006'),
    coded('57P01'),
    coded('57P03'),
    coded('25P03'),
    coded('XX000', { severity: 'FATAL' }),
    coded('ECONNRESET'),
    coded('EPIPE'),
    coded('ETIMEDOUT'),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('wrapped by a query builder', { cause: new Error('again', { cause: coded('57P02') }) }),
  ])('is true of %o', (error) => expect(isConnectionLost(error)).toBe(true));

  test.each([
    coded('57014'), // the query was cancelled
    coded('40001'),
    coded('23505', { severity: 'ERROR' }),
    coded('ENOENT'),
    new Error('the client says: Connection terminated'),
    'Connection terminated',
    undefined,
    null,
  ])('is false of %o', (error) => expect(isConnectionLost(error)).toBe(false));

  test('ends where causes go in a circle', () => {
    const error = new Error('any');
    error.cause = error;
    expect(isConnectionLost(error)).toBe(false);
  });
});

describe('cancelOnAbort', () => {
  test('cancels the query on the server, and the connection serves the next task', async () => {
    const manager = await start();
    const pid = await manager.queueTask(pidOf);
    const reason = new Error('nobody waits');
    const controller = new AbortController();
    let ended: unknown;
    const cancelled = manager.queueTask(
      (client, { signal }) => cancelOnAbort(client, signal, sleep).catch((error: unknown) => void (ended = error)),
      { signal: controller.signal },
    );
    await sleeps();
    controller.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    expect(await manager.queueTask(pidOf)).toBe(pid);
    expect(ended).toBe(reason);
  });

  test.each([
    ['can be had', () => new pg.Client({ host: '127.0.0.1', port: server.port, user: 'nobody' })],
    ['is made', () => expect.fail('no more clients')],
  ])('cuts the connection where no other one %s', async (_, makeOther) => {
    let isFull = false;
    const manager = await start({}, () => (isFull ? makeOther() : server.client()));
    const pid = await manager.queueTask(pidOf);
    const timedOut = manager.queueTask(
      async (client, { signal }) => {
        isFull = true;
        await cancelOnAbort(client, signal, sleep).finally(() => (isFull = false));
      },
      { timeout: 100 },
    );
    await expect(timedOut).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await manager.queueTask(pidOf)).not.toBe(pid);
  });

  test('starts no query after the abort, returns what was quicker, and leaves errors of the query as they are', async () => {
    const manager = await start();
    await manager.queueTask(async (client) => {
      await expect(cancelOnAbort(client, AbortSignal.abort(new Error('before')), sleep)).rejects.toThrow('before');
      const controller = new AbortController();
      const { rows } = await cancelOnAbort(client, controller.signal, () => client.query('select 7 as seven'));
      expect(rows).toEqual([{ seven: 7 }]);
      const failing = cancelOnAbort(client, controller.signal, () => client.query('select 1 / 0'));
      await expect(failing).rejects.toMatchObject({ code: '22012' });
      controller.abort(); // changes nothing any more
      expect(await pidOf(client)).toBeGreaterThan(0);
    });
    await expect(cancelOnAbort(server.client(), AbortSignal.abort(), sleep)).rejects.toThrow(TypeError);
  });
});

describe('a transaction', () => {
  test('that a task has left open is rolled back before the next one', async () => {
    const manager = await start();
    const pid = await manager.queueTask(async (client) => {
      await client.query('begin');
      await client.query('insert into ledger values (1)');
      return pidOf(client);
    });
    expect(await manager.queueTask((client) => client.getTransactionStatus())).toBe('I');
    expect(await manager.queueTask(pidOf)).toBe(pid);
    expect(await written()).toEqual([]);
  });

  test('is rolled back by a client that cannot tell whether there is one', async () => {
    const manager = await start({}, () => Object.assign(server.client(), { getTransactionStatus: undefined }));
    const pid = await manager.queueTask(async (client) => {
      await client.query('begin');
      await client.query('insert into ledger values (2)');
      return pidOf(client);
    });
    expect(await manager.queueTask(pidOf)).toBe(pid);
    expect(await written()).toEqual([]);
  });

  test('is written once, although its backend is ended before the commit', async () => {
    const manager = await start();
    await manager.queueTask((client, { attempt }) =>
      transaction(client, async () => {
        await client.query('insert into ledger values (3)');
        if (attempt === 1) await terminate();
        await client.query('insert into ledger values (4)');
      }),
    );
    expect(manager.metrics().totalTasksRetried).toBe(1);
    expect(await written()).toEqual([3, 4]);
    await server.query('truncate ledger');
  });

  test('runs again if its backend is found ended when it is to be committed', async () => {
    const manager = await start();
    await manager.queueTask((client, { attempt }) =>
      transaction(client, async () => {
        await client.query('insert into ledger values (8)');
        if (attempt > 1) return;
        const ended = new Promise((resolve) => client.once('end', () => resolve(undefined)));
        await terminate();
        await ended;
      }),
    );
    expect(manager.metrics().totalTasksRetried).toBe(1);
    expect(await written()).toEqual([8]);
    await server.query('truncate ledger');
  });

  test('whose backend is ended during the commit fails, and is not tried again', async () => {
    await server.query(`
      create function sleep() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return null; end $$;
      create constraint trigger slow after insert on ledger deferrable initially deferred for each row execute function sleep()`);
    const manager = await start();
    let runs = 0;
    const task = manager.queueTask((client) =>
      transaction(client, async () => {
        runs++;
        await client.query('insert into ledger values (5)');
      }),
    );
    const outcome = task.catch((error: unknown) => error);
    await until(async () => (await terminate(`query = 'commit'`)) > 0, 'the commit');
    expect(await outcome).toBeInstanceOf(UnknownCommitError);
    expect(await outcome).toMatchObject({ cause: { code: '57P01' } });
    expect(runs).toBe(1);
    expect(await manager.queueTask(pidOf)).toBeGreaterThan(0);
    await server.query('drop trigger slow on ledger; drop function sleep');
  });

  test('whose client no longer waits for the commit fails in the same way', async () => {
    await server.query(`
      create function sleep() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return null; end $$;
      create constraint trigger slow after insert on ledger deferrable initially deferred for each row execute function sleep()`);
    const { port } = server;
    const manager = await start(
      {},
      () => new pg.Client({ host: '127.0.0.1', port, user: 'postgres', application_name: 'pool', query_timeout: 500 }),
    );
    const task = manager.queueTask((client) =>
      transaction(client, () => client.query('insert into ledger values (9)')),
    );
    await expect(task).rejects.toThrow(UnknownCommitError);
    await until(async () => (await terminate(`query = 'commit'`)) > 0, 'the commit to end');
    await server.query('drop trigger slow on ledger; drop function sleep');
  });

  test('fails as a whole where a failed query in it was passed over', async () => {
    const manager = await start();
    const careless = manager.queueTask((client) =>
      transaction(client, async () => {
        await client.query('insert into ledger values (6)');
        await client.query('select 1 / 0').catch(() => {});
      }),
    );
    await expect(careless).rejects.toThrow('the transaction was rolled back');
    expect(await written()).toEqual([]);
  });

  test('rolls back on a throw, and has the mode that it is given', async () => {
    const manager = await start();
    const pid = await manager.queueTask(pidOf);
    const isolation = manager.queueTask((client) =>
      transaction(client, () => client.query('show transaction_isolation'), 'isolation level serializable'),
    );
    expect((await isolation).rows).toEqual([{ transaction_isolation: 'serializable' }]);
    const mine = new RangeError('mine');
    const failed = manager.queueTask((client) =>
      transaction(client, async () => {
        await client.query('insert into ledger values (7)');
        throw mine;
      }),
    );
    await expect(failed).rejects.toBe(mine);
    expect(await written()).toEqual([]);
    expect(await manager.queueTask(pidOf)).toBe(pid);
  });
});

test('pgConnections wants a function', () => {
  expect(() => pgConnections(server.client() as never)).toThrow(/makeClient must be a function, got \[Client\]/);
});
