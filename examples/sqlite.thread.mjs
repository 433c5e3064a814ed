/* oxlint-disable oxc/no-this-in-exported-function -- the state of the thread */
/** A connection to SQLite in each thread: the library blocks its thread while it works. */
import Database from 'libsql';

/**
 * @typedef {{ prepare(sql: string): { run(...values: unknown[]): { changes: number }; get(...values: unknown[]): any; all(...values: unknown[]): any[] };
 *   pragma(text: string): unknown; exec(sql: string): unknown; transaction<T>(fn: () => T): () => T; close(): void }} Connection
 * @typedef {import('tasker/threads').ThreadCall<Connection>} Call
 */

/** @param {{ path: string, readonly: boolean }} options @returns {Connection} */
export function onCreate({ path, readonly }) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL'); // readers don't wait for the writer, nor the writer for them
  db.pragma('busy_timeout = 5000'); // for what else writes to the file, such as a backup
  db.pragma('synchronous = NORMAL'); // safe with WAL
  if (readonly) db.pragma('query_only = ON');
  return db;
}

/** @param {Connection} db */
export function onDestroy(db) {
  db.close();
}

/** One transaction for all: a commit is what takes time. @this {Call} @param {readonly { sensor: string, value: number }[]} readings */
export function insert(readings) {
  const statement = this.state.prepare('insert into readings (sensor, value) values (?, ?)');
  this.state.transaction(() => readings.forEach(({ sensor, value }) => statement.run(sensor, value)))();
  return readings.length;
}

/** @this {Call} @param {string} sensor @returns {{ count: number, mean: number }} */
export function summary(sensor) {
  return this.state.prepare('select count(*) as count, avg(value) as mean from readings where sensor = ?').get(sensor);
}

/** @this {Call} @param {string} sql */
export function run(sql) {
  this.state.exec(sql);
}

/** Stands for a crash. */
export function crash() {
  process.exit(1);
}
