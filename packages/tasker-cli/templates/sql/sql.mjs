// @ts-check
// Imports a CSV file into PostgreSQL, row by row:
//   npx tasker run sql.mjs --csv people.csv --key email --out imported.jsonl --failures failed.jsonl
import pg from 'pg';
import { defineWorker } from 'tasker-cli';
import { connectDemo } from './sql-demo.mjs';

/** @typedef {{ email: string, name: string, country: string, born: string }} Person a row, by the header of the file */
/** @typedef {Pick<pg.Client, 'query' | 'end'>} Client */

const { DATABASE_URL } = process.env;

// An upsert: a row that is imported twice, as after a crash, does no harm. If yours does, add the flag --once.
const UPSERT = `
  insert into people (email, name, country, born) values ($1, $2, $3, $4)
  on conflict (email) do update set name = excluded.name, country = excluded.country, born = excluded.born
  returning xmax = 0 as "isNew"`;

export default defineWorker({
  maxWorkerCount: 4, // connections at most; how many there are follows from what they get done
  keyConcurrency: 1, // with --key email: rows of one person run one after the other, in the order of the file

  // Makes the resource of a worker: a connection, which all its rows use. It is made anew only if it has died.
  /** @returns {Promise<Client>} */
  onCreate: async ({ invalidate }) => {
    // Without DATABASE_URL it is a demo database in this process. Later delete this line, its import, and sql-demo*.
    if (DATABASE_URL === undefined) return await connectDemo();
    const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 10_000 });
    client.on('error', invalidate); // the server has closed it between two rows
    await client.connect();
    return client;
  },
  // Called once for each resource: when the run is over, and when it is to be replaced.
  onDestroy: (client) => client.end(),

  // Says after an error what is broken.
  checkHealth: (error) => {
    const { severity, code = '' } = /** @type {Partial<pg.DatabaseError>} */ (error);
    // The connection: true of all that the server has not said itself, and of its shutdown. Make a new one and try the row again.
    if (severity === undefined || /^(08|57P)/.test(code)) return false;
    // Neither: a deadlock, or a transaction that lost a race.
    if (code.startsWith('40')) return { resource: 'keep', task: 'retry' };
    // The row, as anything else that the server refuses. It fails, and the connection goes on.
    return true;
  },

  run: async (/** @type {Person} */ { email, name, country, born }, client) => {
    const { rows } = await client.query(UPSERT, [email, name, country, born || null]);
    return { email, isNew: rows[0].isNew };
  },
});
