import { describe, expect, it } from 'vitest';
import { RunContext } from '../../src/tasks/run-context.ts';
import { TaskExtras } from '../../src/tasks/task.ts';
import type { TaskPlace } from '../../src/tasks/task.ts';
import { newTask, nowhere, placeAt } from '../support/task-records.ts';

function running(place: TaskPlace = nowhere) {
  const task = newTask();
  task.begin(place);
  return { task, context: new RunContext(task, place) };
}

describe('RunContext', () => {
  it('tells the task about its run', () => {
    const { task, context } = running();
    expect([context.id, context.name, context.attempt, context.worker]).toEqual([
      task.id,
      undefined,
      1,
      { id: 1, kind: 'base' },
    ]);
    task.extras = new TaskExtras();
    task.extras.name = 'mail';
    expect(new RunContext(task, nowhere).name).toBe('mail');
  });

  it('keeps its attempt although the task is retried', () => {
    const { task, context } = running();
    task.retry(new Error('sick'), 1);
    task.begin(placeAt(2));
    expect([context.attempt, new RunContext(task, nowhere).attempt]).toEqual([1, 2]);
  });

  it('makes its signal once, when it is read', () => {
    const { context } = running();
    const { signal } = context;
    expect([signal.aborted, context.signal === signal]).toEqual([false, true]);
  });

  it('aborts a signal that was read, with the reason', () => {
    const { context } = running();
    const { signal } = context;
    const reason = new Error('enough');
    RunContext.abort(context, reason);
    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  });

  it('gives an aborted signal to who reads it only afterwards, whatever the reason', () => {
    for (const reason of [new Error('enough'), null, 0, '']) {
      const { context } = running();
      RunContext.abort(context, reason);
      expect([context.signal.aborted, context.signal.reason]).toEqual([true, reason]);
    }
  });

  it('stays aborted with the first reason', () => {
    const { context } = running();
    const { signal } = context;
    RunContext.abort(context, 'first');
    RunContext.abort(context, 'second');
    expect(signal.reason).toBe('first');
  });

  it('passes invalidate on to the place, with its reason', () => {
    const log: unknown[] = [];
    const { context } = running({ ...nowhere, invalidate: (reason) => void log.push(reason) });
    context.invalidate('broken');
    context.invalidate();
    expect(log).toEqual(['broken', undefined]);
  });
});
