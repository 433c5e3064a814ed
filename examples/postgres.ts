/** PostgreSQL: transactions, a backend that is killed, a query that is cancelled. Starts a server of its own. */
import pg from 'pg';
import { createTaskManager } from 'tasker';
import { cancelOnAbort, pgConnections, transaction } from 'tasker/pg';
import { PostgresServer } from '../packages/tasker/test/faults/postgres-server.ts';

const server = await PostgresServer.create();
await server.start();
await server.query('create table accounts (id int primary key, balance int check (balance >= 0))');
await server.query('insert into accounts values (1, 100), (2, 100)');
const settings = { host: '127.0.0.1', port: server.port, user: 'postgres' };

const connections = pgConnections(
  () => new pg.Client({ ...settings, connectionTimeoutMillis: 5_000, statement_timeout: 60_000 }),
);
const database = await createTaskManager({
  ...connections,
  // A deadlock, or a conflict of serializable transactions: nothing was done, and the same transaction may do another time.
  checkHealth: (error, info) =>
    error instanceof pg.DatabaseError && /^40(001|P01)$/.test(error.code ?? '')
      ? { resource: 'keep', task: 'retry' }
      : connections.checkHealth(error, info),
  workerCount: 2,
  resourcePoolSize: 0, // there is no runTask here
});
database.on('retried', ({ task, error }) => console.log(`${task.name} again: ${(error as Error).message}`));

const move = 'update accounts set balance = balance + $1 where id = $2';
const transfer = (amount: number, source: number, target: number, work = async (_client: pg.Client) => {}) =>
  database.queueTask(
    (client) =>
      transaction(client, async () => {
        await client.query(move, [-amount, source]);
        await work(client);
        await client.query(move, [amount, target]);
      }),
    { name: `transfer of ${amount}` },
  );

await transfer(10, 1, 2);
await transfer(500, 1, 2).catch((error: Error) => console.log(`too poor: ${error.message}`));

// The backend is killed in the middle of a transaction: on another connection it is done from its start, once.
const kill = async (client: pg.Client): Promise<void> => {
  if (kills++ === 0) await client.query('select pg_terminate_backend(pg_backend_pid())');
};
let kills = 0;
await transfer(20, 1, 2, kill);

// A query that takes too long: the server is told to leave it, and the connection is fit for the next one.
const report = (client: pg.Client) => client.query('select pg_sleep(600)');
await database
  .queueTask((client, { signal }) => cancelOnAbort(client, signal, report), { name: 'report', timeout: 200 })
  .catch((error: Error) => console.log(error.message));
await database.onIdle();
const active = `select from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'`;
console.log(`${(await server.query(active)).length} reports run on the server`);

const sums = 'select array_agg(balance order by id) as balances from accounts';
const { rows } = await database.queueTask((client) => client.query<{ balances: number[] }>(sums));
console.log(`balances ${rows[0]?.balances.join(' and ')}`);
await database.stop();
await server.remove();
