import type pg from 'pg';
import { createTaskManager, isTaskerError } from 'tasker';
import type { TaskManager } from 'tasker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from './postgres-server.ts';
import { until } from './until.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.create();
  await server.start();
}, 120_000);

afterAll(async () => {
  await server?.remove();
});

/** Terminates the processes behind so many connections of the pool under test, and says how many there were. */
async function terminate(count: number): Promise<number> {
  const rows = await server.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool' limit ${count}`,
  );
  return rows.length;
}

/** The connection's fault: classes 08 and 57P of SQLSTATE, and what the socket says. */
function isHealthy(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return !/^(08|57P)|^E(CONN|PIPE)/.test(code) && !/Connection terminated|not queryable|closed/i.test(message);
}

function start(): Promise<TaskManager<pg.Client>> {
  return createTaskManager<pg.Client>({
    onCreate: async ({ invalidate }) => {
      const client = server.client();
      client.on('error', (error) => invalidate(error)); // also while nobody uses it
      client.on('end', () => invalidate('end'));
      await client.connect();
      return client;
    },
    onDestroy: (client) => client.end(),
    checkHealth: isHealthy,
    validate: async (client) => (await client.query('select 1')).rowCount === 1,
    workerCount: 4,
    maxWorkerCount: 8,
    resourcePoolSize: 2,
    maxTemporaryResources: 6, // the server lets 40 in
    maxRetries: 20,
  });
}

/** How a question ended: with the right answer, a wrong one, a code of ours, or an error of the client. */
const outcomeOf = (answer: Promise<number>, expected: number): Promise<string> =>
  answer.then(
    (n) => (n === expected ? 'right' : 'wrong'),
    (error: unknown) => (isTaskerError(error) ? error.code : `${(error as Error).name}: ${(error as Error).message}`),
  );

const ask = async (client: pg.Client, i: number): Promise<number> => {
  const { rows } = await client.query<{ n: number }>('select $1::int as n, pg_sleep(0.002)', [i]);
  return rows[0]?.n ?? NaN;
};

async function isWhole(manager: TaskManager<pg.Client>): Promise<void> {
  await until(() => {
    const { activeWorkers, availableResources } = manager.stats();
    return activeWorkers >= 4 && availableResources === 2;
  }, 'the pool to be whole again');
  expect(await manager.queueTask((client) => ask(client, 7))).toBe(7);
  expect(await manager.runTask((client) => ask(client, 8))).toBe(8);
}

async function isGone(manager: TaskManager<pg.Client>): Promise<void> {
  await manager.stop();
  await until(async () => (await server.connections()) === 0, 'all connections to be closed');
}

/** Every fifth task may run again. */
const isRetried = (id: number): boolean => id % 5 === 4;

describe('a database in trouble', () => {
  it('terminates backends under load: every caller is answered rightly, and the pool is whole afterwards', async () => {
    const manager = await start();
    const answers = Promise.all(Array.from({ length: 1_000 }, (_, i) => manager.queueTask((client) => ask(client, i))));
    let terminated = 0;
    for (let round = 0; round < 5; round++) {
      const done = manager.metrics().totalTasksCompleted;
      await until(() => manager.metrics().totalTasksCompleted > done, 'tasks to be completed');
      terminated += await terminate(3);
    }
    expect(await answers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(terminated).toBeGreaterThan(0);
    await isWhole(manager);
    await isGone(manager);
  }, 120_000);

  it('is stopped and started again: every caller is answered, in time or with the reason, and the pool is whole afterwards', async () => {
    const manager = await start();
    const answers = Array.from({ length: 600 }, (_, i) =>
      outcomeOf(
        manager.queueTask((client) => ask(client, i)),
        i,
      ),
    );
    await until(() => manager.metrics().totalTasksCompleted > 20, 'tasks to be completed');
    await server.stop();
    await until(() => manager.metrics().totalCreateFailures > 0, 'creations to fail');
    const meanwhile = manager
      .runTask((client) => ask(client, 1))
      .then(
        () => 'right',
        (error: unknown) => (isTaskerError(error) ? error.code : 'its own'),
      );
    await until(() => manager.stats().activeWorkers === 0, 'the last worker to die');
    await server.start();
    const outcomes = new Set(await Promise.all(answers));
    for (const outcome of outcomes) expect(['right', 'CREATE_FAILED', 'RETRIES_EXHAUSTED']).toContain(outcome);
    expect(outcomes).toContain('right');
    expect(['right', 'CREATE_FAILED', 'its own']).toContain(await meanwhile);
    await isWhole(manager);
    await isGone(manager);
  }, 120_000);

  it('loses idle connections: they are replaced before anybody asks', async () => {
    const manager = await start();
    const created = manager.metrics().totalResourcesCreated;
    expect(await terminate(6)).toBe(6);
    await until(() => manager.metrics().totalResourcesCreated >= created + 6, 'all six to be replaced');
    await isWhole(manager);
    expect(manager.metrics().totalTasksRetried).toBe(0);
    await isGone(manager);
  }, 120_000);

  it('crashes and recovers by itself: every caller is answered, and the pool is whole afterwards', async () => {
    const manager = await start();
    const answers = Array.from({ length: 600 }, (_, i) =>
      outcomeOf(
        manager.queueTask((client) => ask(client, i)),
        i,
      ),
    );
    await until(() => manager.metrics().totalTasksCompleted > 20, 'tasks to be completed');
    const { totalResourcesDestroyed } = manager.metrics();
    await server.crash();
    await until(() => manager.metrics().totalResourcesDestroyed > totalResourcesDestroyed, 'connections to be lost');
    for (const outcome of new Set(await Promise.all(answers))) {
      expect(['right', 'CREATE_FAILED', 'RETRIES_EXHAUSTED']).toContain(outcome);
    }
    await isWhole(manager);
    await isGone(manager);
  }, 120_000);

  it('terminates backends: what may run once is never written twice, and what was answered is written', async () => {
    await server.query('create table ledger (id int not null)');
    const manager = await start();
    const runs = new Map<number, number>();
    const write = (id: number) => async (client: pg.Client) => {
      runs.set(id, (runs.get(id) ?? 0) + 1);
      await client.query('insert into ledger select $1::int from pg_sleep(0.002)', [id]);
    };
    const leased = async (id: number): Promise<void> => {
      await using lease = await manager.lease();
      await lease.resource.query('begin');
      await write(id)(lease.resource);
      await lease.resource.query('commit');
      await lease.release(); // left by a throw before, nobody else gets the transaction
    };
    const ways = [
      (id: number) => manager.queueTaskOnce(write(id)),
      (id: number) => manager.queueTaskWithPriorityOnce(write(id)),
      (id: number) => manager.runTask(write(id)),
      leased,
      (id: number) => manager.queueTask(write(id)), // the only one that is retried
    ];
    const answers = Promise.allSettled(Array.from({ length: 1_000 }, async (_, id) => ways[id % 5]?.(id)));
    const load = { isOver: false };
    void answers.then(() => (load.isOver = true));
    let terminated = 0;
    while (!load.isOver) {
      const done = manager.metrics().totalTasksCompleted;
      await until(() => load.isOver || manager.metrics().totalTasksCompleted > done, 'tasks to be completed');
      terminated += await terminate(2);
    }
    expect(terminated).toBeGreaterThan(0);
    const outcomes = await answers;
    const rows = await server.query<{ id: number; n: number }>('select id, count(*)::int as n from ledger group by id');
    const written = new Map(rows.map(({ id, n }) => [id, n]));
    for (const [id, answer] of outcomes.entries()) {
      const [ran, wrote] = [runs.get(id) ?? 0, written.get(id) ?? 0];
      expect(ran, `runs of ${id}`).toBeLessThanOrEqual(isRetried(id) ? 21 : 1);
      expect(wrote, `rows of ${id}`).toBeLessThanOrEqual(ran);
      expect(wrote, `rows of ${id}`).toBeGreaterThanOrEqual(answer.status === 'fulfilled' ? 1 : 0);
      if (answer.status === 'fulfilled') continue;
      expect(isRetried(id), 'a retried task fails').toBe(false);
      const error: unknown = answer.reason;
      // An error of the connection as it is; or there was no connection to be had, and then nothing ran.
      if (isTaskerError(error)) expect([error.code, ran]).toEqual(['CREATE_FAILED', 0]);
      else expect(isHealthy(error), String(error)).toBe(false);
    }
    await isWhole(manager);
    await isGone(manager);
  }, 120_000);

  it('is down while the manager stops: every caller is answered all the same, and none can be started', async () => {
    const manager = await start();
    const answers = Array.from({ length: 200 }, (_, i) =>
      outcomeOf(
        manager.queueTask((client) => ask(client, i)),
        i,
      ),
    );
    await until(() => manager.metrics().totalTasksCompleted > 20, 'tasks to be completed');
    await server.stop();
    try {
      const report = await manager.stop();
      const outcomes = await Promise.all(answers);
      for (const outcome of new Set(outcomes)) {
        expect(['right', 'CREATE_FAILED', 'RETRIES_EXHAUSTED']).toContain(outcome);
      }
      expect(report).toMatchObject({ dropped: [], abandoned: [] });
      const { totalTasksCompleted, totalTasksFailed, totalResourcesCreated, totalResourcesDestroyed } =
        manager.metrics();
      expect(totalTasksCompleted).toBe(outcomes.filter((outcome) => outcome === 'right').length);
      expect(totalTasksCompleted + totalTasksFailed).toBe(200);
      expect(totalResourcesDestroyed).toBe(totalResourcesCreated);
      await expect(start()).rejects.toMatchObject({ code: 'CREATE_FAILED', cause: { code: 'ECONNREFUSED' } });
    } finally {
      await server.start();
    }
    expect(await server.connections()).toBe(0);
  }, 120_000);
});
