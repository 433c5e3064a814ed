// @ts-check
// A PostgreSQL in this process to try sql.mjs with, in the folder sql-demo-db. Delete both when you have a database of your own.
import { readFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** One for all workers: the first opens it, the last closes it. @type {Promise<PGlite> | undefined} */
let database;
let connections = 0;

/** Something like a connection to it. @returns {Promise<any>} */
export async function connectDemo() {
  if (!isMainThread) throw new Error('the demo database is in one thread: set DATABASE_URL, or leave out --threads');
  connections++;
  database ??= open();
  const opened = await database;
  return {
    query: (/** @type {string} */ text, /** @type {unknown[]} */ values) => opened.query(text, values),
    end: async () => {
      if (--connections > 0) return;
      database = undefined;
      await opened.close();
    },
  };
}

async function open() {
  const opened = await PGlite.create('sql-demo-db');
  await opened.exec(await readFile(new URL('sql-table.sql', import.meta.url), 'utf8'));
  return opened;
}
