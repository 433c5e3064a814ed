/** SQLite in threads: one that writes, several that read, and an event loop that is free meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type * as sqlite from './sqlite.thread.mjs';

const folder = await mkdtemp(join(tmpdir(), 'tasker-sqlite-'));
const connections = (readonly: boolean) =>
  threads<typeof sqlite>(new URL('sqlite.thread.mjs', import.meta.url), {
    data: { path: join(folder, 'readings.db'), readonly },
    execArgv: [],
  });

// SQLite has one writer at a time, whoever it is: a second one would only wait for the first.
const writer = await createTaskManager({
  ...connections(false),
  workerCount: 1,
  maxWorkerCount: 1,
  resourcePoolSize: 0,
});
await writer.queueTask((db) => db.run('run', 'create table readings (sensor text, value real)'));
await writer.queueTask((db) => db.run('run', 'create index by_sensor on readings (sensor)'));
const readers = await createTaskManager({ ...connections(true), workerCount: 2, scaling: 'off', resourcePoolSize: 0 });

const sensors = ['attic', 'cellar', 'garden'];
const readings = Array.from({ length: 30_000 }, (_, i) => ({ sensor: sensors[i % 3] ?? '', value: i % 7 }));
const batches = Array.from({ length: 30 }, (_, i) => readings.slice(i * 1_000, (i + 1) * 1_000));
const written = await Promise.all(batches.map((batch) => writer.queueTaskOnce((db) => db.run('insert', batch))));
console.log(`${written.reduce((sum, count) => sum + count, 0)} readings`);

for (const sensor of sensors) {
  const { count, mean } = await readers.queueTask((db) => db.run('summary', sensor));
  console.log(`${sensor}: ${count} readings, ${mean.toFixed(2)} in the mean`);
}
await readers
  .queueTask((db) => db.run('run', 'delete from readings'))
  .catch((error: Error) => console.log(`a reader: ${error.message}`));

// A thread that dies takes its connection along; the next one opens its own, and what was committed is there.
const { count } = await readers.queueTask(async (db, { attempt }) => {
  if (attempt === 1) await db.run('crash');
  return db.run('summary', 'attic');
});
console.log(`after a crash: ${count} readings of the attic`);

await Promise.all([writer.stop(), readers.stop()]);
await rm(folder, { recursive: true });
