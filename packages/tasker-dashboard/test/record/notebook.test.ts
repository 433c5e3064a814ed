import type { ShutdownReport, TaskInfo } from 'tasker';
import { expect, test } from 'vitest';
import { Notebook } from '../../src/record/notebook.ts';

const TASK: TaskInfo = { id: '1', priority: 0, attempt: 1, state: 'failed', queuedAt: 0 };

/** Writes a note of a thing, of which nobody else knows. */
function write(notebook: Notebook, kind: 'failed' | 'stopped'): WeakRef<object> {
  if (kind === 'failed') {
    const error = new Error('no');
    notebook.write({ kind, payload: { task: TASK, error, finishedAt: 1 }, at: 1, now: 1 });
    return new WeakRef(error);
  }
  const report: ShutdownReport = { completed: 1, failed: 0, dropped: [TASK], abandoned: [], durationMs: 5 };
  notebook.write({ kind, payload: { report }, at: 1, now: 1 });
  return new WeakRef(report);
}

const isGone = async (thing: WeakRef<object>): Promise<boolean> => {
  await new Promise((resolve) => setImmediate(resolve));
  gc?.();
  return thing.deref() === undefined;
};

test('an error is kept until it is read, and then only what it says', async () => {
  const notebook = new Notebook();
  const error = write(notebook, 'failed');
  expect(await isGone(error)).toBe(false);
  expect(notebook.since(0)).toMatchObject([{ number: 1, kind: 'failed', error: { message: 'no' } }]);
  await expect.poll(() => isGone(error)).toBe(true);
  expect(notebook.since(0)).toMatchObject([{ number: 1, kind: 'failed', error: { message: 'no' } }]);
});

test('the report of an end is not kept at all: it may have a million tasks in it', async () => {
  const notebook = new Notebook();
  const report = write(notebook, 'stopped');
  await expect.poll(() => isGone(report)).toBe(true);
  expect(notebook.since(0)).toMatchObject([{ kind: 'stopped', report: { completed: 1, dropped: 1, durationMs: 5 } }]);
});

test('a kind that is frequent pushes out no other', () => {
  const notebook = new Notebook();
  write(notebook, 'stopped');
  for (let i = 0; i < 1_000; i++) write(notebook, 'failed');
  const notes = notebook.since(0);
  expect([notes.length, notes[0]?.kind, notes.at(-1)?.number]).toEqual([101, 'stopped', 1_001]);
  expect(notebook.since(999).map(({ number }) => number)).toEqual([1_000, 1_001]);
});
