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
    maxRetries: 20,
  });
}

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

describe('a database in trouble', () => {
  it('terminates backends under load: every caller is answered rightly, and the pool is whole afterwards', async () => {
    const manager = await start();
    const answers = Promise.all(Array.from({ length: 1_000 }, (_, i) => manager.queueTask((client) => ask(client, i))));
    let terminated = 0;
    for (let round = 0; round < 5; round++) {
      const done = manager.metrics().totalTasksCompleted;
      await until(() => manager.metrics().totalTasksCompleted > done, 'tasks to be completed');
      const rows = await server.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool' limit 3`,
      );
      terminated += rows.length;
    }
    expect(await answers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(terminated).toBeGreaterThan(0);
    await isWhole(manager);
    await isGone(manager);
  }, 120_000);

  it('is stopped and started again: every caller is answered, in time or with the reason, and the pool is whole afterwards', async () => {
    const manager = await start();
    const answers = Array.from({ length: 600 }, (_, i) =>
      manager
        .queueTask((client) => ask(client, i))
        .then(
          (n) => (n === i ? 'right' : 'wrong'),
          (error: unknown) =>
            isTaskerError(error) ? error.code : `${(error as Error).name}: ${(error as Error).message}`,
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
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool'`);
    await until(() => manager.metrics().totalResourcesCreated >= created + 6, 'all six to be replaced');
    await isWhole(manager);
    expect(manager.metrics().totalTasksRetried).toBe(0);
    await isGone(manager);
  }, 120_000);
});
