/** A bank over HTTP: Fastify before a few connections to PostgreSQL, which may be gone for a while, also at the start. */
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { isTaskerError, startTaskManager } from 'tasker';
import { pgConnections, transaction, UnknownCommitError } from 'tasker/pg';

/** A transfer; whoever gets no answer sends it again, with the same `id`. */
interface Transfer {
  readonly id: string;
  readonly source: number;
  readonly target: number;
  readonly amount: number;
}

export function createBank(settings: pg.ClientConfig): FastifyInstance {
  const app = Fastify();

  const database = startTaskManager({
    ...pgConnections(() => new pg.Client({ ...settings, connectionTimeoutMillis: 2_000 })),
    workerCount: 4,
    maxWorkerCount: 8,
    resourcePoolSize: 0, // there is no runTask here
    startTimeout: Infinity, // the database may come up after us
    createBackoff: () => 200 + 100 * Math.random(), // a few attempts a second find it soon
    queueTimeout: 5_000,
    maxQueueSize: 500,
  });

  app.get('/ready', (_, reply) => reply.code(database.stats().idleWorkers > 0 ? 200 : 503).send(database.stats()));

  app.get<{ Params: { id: string } }>('/accounts/:id', async ({ params }) => {
    const query = 'select balance::int from accounts where id = $1';
    const { rows } = await database.queueTask((client) => client.query<{ balance: number }>(query, [params.id]));
    return { balance: rows[0]?.balance };
  });

  app.post<{ Body: Transfer }>('/transfers', ({ body: { id, source, target, amount } }) => {
    const transfer = async (client: pg.Client) => {
      const insert = 'insert into transfers (id) values ($1) on conflict do nothing';
      const { rowCount } = await client.query(insert, [id]);
      if (rowCount === 0) return { id, isRepeated: true };
      const lock = 'select from accounts where id = any($1) order by id for update'; // in one order: no deadlock
      await client.query(lock, [[source, target]]);
      const update = 'update accounts set balance = balance + $1 where id = $2';
      await client.query(update, [-amount, source]); // fails below 0, by a constraint
      await client.query(update, [amount, target]);
      return { id, isRepeated: false };
    };
    return database.queueTask((client) => transaction(client, transfer));
  });

  app.setErrorHandler((error, _, reply) => {
    if (error instanceof pg.DatabaseError && error.code === '23514') return reply.code(409).send({ error: 'too poor' });
    // No connection, no room, or a commit without an answer: the same request may come again, since it has an id.
    if (isTaskerError(error) || error instanceof UnknownCommitError) {
      return reply
        .code(503)
        .header('retry-after', 1)
        .send({ error: String(error) });
    }
    return reply.send(error);
  });

  app.addHook('onSend', async (_, reply) => {
    if (!app.server.listening) reply.header('connection', 'close'); // else a client that keeps its connection holds us up
  });
  app.addHook('onClose', async () => {
    await database.stop({ timeout: 10_000 }); // every request has its answer by now
  });
  return app;
}
