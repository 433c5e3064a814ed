/** A database for each worker: Postgres in memory, by PGlite. It is slow to start, so it is kept and used again. */
import { PGlite } from '@electric-sql/pglite';
import { createTaskManager } from 'tasker';

// The template: made once, with everything in it. The workers load copies of it, which takes a quarter of the time.
const template = await PGlite.create();
await template.exec(`
  create table orders as
    select id, (array['tea', 'coffee', 'cocoa'])[1 + id % 3] as product, id % 7 as amount
    from generate_series(1, 3000) as id;
`);
const loadDataDir = await template.dumpDataDir('none');
await template.close();

const manager = await createTaskManager<PGlite>({
  onCreate: () => PGlite.create({ loadDataDir }),
  onDestroy: async (database) => {
    if (!database.closed) await database.close();
  },
  checkHealth: (_error, { resource }) => !resource.closed, // a wrong query fails; a closed database is replaced
  workerCount: 2,
  maxWorkerCount: 2,
  resourcePoolSize: 0,
});

/** A task that asks how much of a product was sold. */
const sold = (product: string) => async (database: PGlite) => {
  const { rows } = await database.query<{ amount: number }>(
    'select sum(amount)::int as amount from orders where product = $1',
    [product],
  );
  return rows[0]?.amount;
};

const products = ['tea', 'coffee', 'cocoa'];
const amounts = await Promise.all(products.map((product) => manager.queueTask(sold(product))));
for (const [index, product] of products.entries()) console.log(`${product}: ${amounts[index]}`);

// A mistake in the SQL is the query's: it fails at once, and the database goes on.
await manager
  .queueTask((database) => database.query('select * from customers'))
  .catch((error: Error) => console.log(`failed: ${error.message}`));

// A database that is gone is replaced, and the task runs on another one.
const amount = await manager.queueTask(async (database, { attempt }) => {
  if (attempt === 1) await database.close(); // stands for a crash
  return sold('tea')(database);
});
console.log(`tea, after a crash: ${amount}`);

await manager.stop();
const { totalTasksCompleted, totalTasksFailed, totalTasksRetried } = manager.metrics();
console.log(`${totalTasksCompleted} completed, ${totalTasksFailed} failed, ${totalTasksRetried} retried`);
