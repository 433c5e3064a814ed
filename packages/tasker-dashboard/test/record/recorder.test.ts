import { expect, test, vi } from 'vitest';
import { Recorder } from '../../src/record/recorder.ts';
import { startManager } from '../support/dashboard.ts';
import type { Manager } from '../support/dashboard.ts';

const SECOND = 1_000;

async function run(manager: Manager, count: number, fn: () => unknown = () => 1): Promise<void> {
  await Promise.allSettled(Array.from({ length: count }, (_, i) => manager.queueTask(fn, { name: `task ${i}` })));
}

test('samples have rates per second since the one before, and percentiles of what completed', async () => {
  const manager = await startManager();
  const recorder = new Recorder(manager, 60 * SECOND, 0);
  await run(manager, 10);
  await run(manager, 3, () => Promise.reject(new Error('no')));
  recorder.sample(2 * SECOND);
  recorder.sample(4 * SECOND);
  const { history } = recorder.past();
  expect(history).toMatchObject({ at: [2_000, 4_000], arrivals: [6.5, 0], completions: [5, 0], failures: [1.5, 0] });
  expect([history.runP95[0], history.waitP50[0]]).toEqual([expect.any(Number), expect.any(Number)]);
  expect([history.runP95[1], history.waitP50[1], history.workers]).toEqual([null, null, [1, 1]]);
  recorder.close();
});

test('the history forgets what is older than asked for', async () => {
  const manager = await startManager();
  const recorder = new Recorder(manager, 10 * SECOND, 0);
  for (let at = 1; at <= 100; at++) recorder.sample(at * SECOND);
  expect(recorder.past().history.at).toEqual(Array.from({ length: 10 }, (_, i) => (91 + i) * SECOND));
  recorder.close();
});

test('counters that go back, as those of a collector of the user may, are no rates below 0', async () => {
  const manager = await startManager();
  let arrived = 100;
  const metrics = manager.metrics.bind(manager);
  Object.assign(manager, {
    metrics: () => ({ ...metrics(), totalTasksArrived: arrived, totalTasksFailed: Number.NaN }),
  });
  const recorder = new Recorder(manager, 10 * SECOND, 0);
  arrived = 50;
  recorder.sample(SECOND);
  expect(recorder.past().history).toMatchObject({ arrivals: [0], failures: [0] });
  recorder.close();
});

test('of a storm of events so many are heard as tell enough, and the rest costs nothing', async () => {
  const manager = await startManager();
  const recorder = new Recorder(manager, 10 * SECOND, 0);
  await run(manager, 2_000);
  await run(manager, 2_000, () => Promise.reject(new Error('no')));
  const notes = recorder.past().notes;
  expect(notes.filter(({ kind }) => kind === 'completed')).toHaveLength(20);
  expect(notes.filter(({ kind }) => kind === 'failed')).toHaveLength(100);
  recorder.sample(SECOND);
  expect(recorder.past().history).toMatchObject({ completions: [2_000], failures: [2_000] });
  await run(manager, 1, () => Promise.reject(new Error('the next')));
  expect(recorder.past().notes.at(-1)).toMatchObject({ kind: 'failed', error: { message: 'the next' } });
  recorder.close();
});

test('news are told once', async () => {
  const manager = await startManager();
  const recorder = new Recorder(manager, 10 * SECOND, 0);
  manager.pause();
  await Promise.resolve();
  recorder.sample(SECOND);
  expect(recorder.news()).toMatchObject({ history: { at: [SECOND] }, notes: [{ kind: 'paused', number: 1 }] });
  expect(recorder.news()).toMatchObject({ history: { at: [] }, notes: [] });
  manager.resume();
  await Promise.resolve();
  expect(recorder.news()).toMatchObject({ notes: [{ kind: 'resumed', number: 2 }] });
  expect(recorder.past().notes).toHaveLength(2);
  recorder.close();
});

test('retries, stuck tasks, scalings, failed creations, cancels, drops and the end are remembered', async () => {
  const outcomes = [false, true];
  const manager = await startManager({
    maxWorkerCount: 2,
    scaling: () => 2,
    stuckAfter: 1,
    maxQueueSize: 0,
    checkHealth: () => ({ resource: 'keep', task: outcomes.pop() === true ? 'retry' : 'fail', after: 1 }),
    abandonAfter: 0,
  });
  const recorder = new Recorder(manager, 10 * SECOND, 0);
  const heard = (kind: string): Promise<unknown> => new Promise((resolve) => manager.on(kind as 'stuck', resolve));
  const stuck = heard('stuck');
  const handle = manager.submit(() => new Promise(() => {}), { meta: { big: 10n } });
  handle.result.catch(() => {});
  await stuck;
  await run(manager, 1, () => Promise.reject(new Error('no')));
  handle.cancel();
  await manager.stop();
  const kinds = new Set(recorder.past().notes.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(
    expect.arrayContaining(['cancelled', 'failed', 'retried', 'stopped', 'stuck', 'resourceDestroyed']),
  );
  expect(recorder.past().notes.find(({ kind }) => kind === 'stuck')).toMatchObject({
    task: { meta: { big: '10' } },
    isDeadlock: false,
    stack: expect.stringContaining('submitted'),
  });
  recorder.close();
});

test('a manager still warns of errors that nobody listens to', async () => {
  const manager = await startManager();
  const on = vi.spyOn(manager, 'on');
  new Recorder(manager, 10 * SECOND, 0).close();
  expect(on.mock.calls.map(([event]) => event)).not.toContain('error');
});
