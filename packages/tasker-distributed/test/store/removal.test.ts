import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openEngine } from '../../src/engine/open-engine.ts';
import { postgresStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useStore } from '../support/use-bench.ts';

const store = useStore(postgresStore);

test('a task that a worker takes while it is removed is not removed', async () => {
  const engine = await openEngine(store().url, 'removal', 60_000, undefined);
  onTestFinished(() => engine.close());
  const database = new Client(`${store().url}?options=-c%20search_path%3Dbullmq`);
  await database.connect();
  onTestFinished(() => database.end());
  const id = await engine.add({ id: 'taken', name: 'run', payload: {}, priority: 0 });

  // A worker, in the middle of its step.
  await database.query('begin');
  const take = 'select id from move_to_active($1, $2, 60000, $3, $4, null, null)';
  expect((await database.query(take, ['removal', 'token', Date.now(), 'worker'])).rows).toEqual([{ id }]);
  const removal = engine.remove(id);
  const blocked = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'";
  await until(async () => (await database.query(blocked)).rows[0]?.n > 0, 'the removal to wait for the worker');
  await database.query('commit');

  expect(await removal).toBe('running');
  expect(await engine.counts()).toMatchObject({ queued: 0, running: 1 });
});
