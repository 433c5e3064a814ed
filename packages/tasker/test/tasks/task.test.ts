import { describe, expect, it } from 'vitest';
import { TaskExtras, TaskRecord } from '../../src/tasks/task.ts';
import type { TaskContext } from '../../src/tasks/task.ts';
import { newTask, nowhere, placeAt } from '../support/task-records.ts';

const ignore = (): void => {};

describe('TaskRecord', () => {
  it('goes from queued to running to an end, once', () => {
    const task = newTask({ queuedAt: 5 });
    expect([task.state, task.isWaiting, task.isOpen]).toEqual(['queued', true, true]);
    task.begin(placeAt(7));
    expect([task.state, task.isWaiting, task.isOpen, task.attempt, task.startedAt]).toEqual([
      'running',
      false,
      true,
      1,
      7,
    ]);
    expect(task.settle('completed')).toBe(true);
    expect([task.state, task.isOpen]).toEqual(['completed', false]);
    expect(task.settle('failed')).toBe(false);
    expect(task.state).toBe('completed');
  });

  it('asserts in words what must be true before it starts or is retried', () => {
    const task = newTask();
    expect(() => task.retry(new Error('sick'), 0)).toThrow(
      'a task may be retried only after a run, this one is queued',
    );
    task.begin(nowhere);
    expect(() => task.begin(nowhere)).toThrow('a task may start only while it waits, this one is running');
    task.settle('cancelled');
    expect(() => task.begin(nowhere)).toThrow('this one is cancelled');
    expect(() => task.retry(new Error('sick'), 0)).toThrow('this one is cancelled');
  });

  it('remembers the last error when it is retried', () => {
    const task = newTask();
    task.begin(placeAt(1));
    const error = new Error('sick');
    task.retry(error, 2);
    expect([task.state, task.isWaiting, task.extras?.lastError, task.extras?.failedAt, task.place]).toEqual([
      'retrying',
      true,
      error,
      2,
      undefined,
    ]);
    task.begin(placeAt(3));
    expect([task.attempt, task.startedAt]).toEqual([2, 3]);
  });

  it('shows itself in a snapshot, without what it does not have', () => {
    const task = newTask({ priority: 2, queuedAt: 5 });
    expect(task.info()).toEqual({ id: task.id, priority: 2, attempt: 0, state: 'queued', queuedAt: 5 });
    task.extras ??= new TaskExtras();
    task.extras.name = 'mail';
    task.extras.key = 'customer 7';
    task.begin(placeAt(8));
    const info = task.info('failed');
    expect(info).toEqual({
      id: task.id,
      name: 'mail',
      key: 'customer 7',
      priority: 2,
      attempt: 1,
      state: 'failed',
      queuedAt: 5,
      startedAt: 8,
      worker: { id: 1, kind: 'base' },
    });
    task.settle('completed');
    expect(info.state).toBe('failed');
  });

  it('calls a function or execute with the resource and the context, in the scope of its submitter if there is one', () => {
    const log: unknown[] = [];
    const scope = {
      runInAsyncScope<A extends unknown[], T>(fn: (...args: A) => T, thisArg: unknown, ...args: A): T {
        log.push('in scope');
        return Reflect.apply(fn, thisArg, args);
      },
    };
    const context = {} as TaskContext;
    const call = (task: (resource: number) => unknown, inScope: boolean): unknown =>
      new TaskRecord<number>(1, task, 0, inScope ? scope : undefined, Promise.resolve(), ignore, ignore).call(
        4,
        context,
      );
    expect([call((n) => n + 1, false), log.length]).toEqual([5, 0]);
    expect([call((n) => n + 1, true), log.length]).toEqual([5, 1]);
  });
});
