import { TaskExtras, TaskRecord } from '../../src/tasks/task.ts';
import type { TaskPlace } from '../../src/tasks/task.ts';

/** A place where nothing happens, in which a task was started at that time. */
export const placeAt = (startedAt: number): TaskPlace => ({
  ref: { id: 1, kind: 'base' },
  startedAt,
  invalidate: () => {},
  quarantine: () => {},
  abort: () => {},
});

export const nowhere: TaskPlace = placeAt(0);

let sequence = 0;

const ignore = (): void => {};

/** A waiting task that does nothing. */
export function newTask(options: { priority?: number; queuedAt?: number; key?: string } = {}): TaskRecord<unknown> {
  const { priority = 0, queuedAt = 0, key } = options;
  const task = new TaskRecord<unknown>(++sequence, ignore, queuedAt, undefined, Promise.resolve(), ignore, ignore);
  if (priority !== 0) task.priority = priority;
  if (key !== undefined) {
    task.extras ??= new TaskExtras();
    task.extras.key = key;
  }
  return task;
}

/** Lets a waiting task run and fail, so that it waits for a retry. */
export function failOnce(task: TaskRecord<unknown>, now: number): void {
  task.begin(placeAt(now));
  task.retry(new Error('sick'), now);
}
