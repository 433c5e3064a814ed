import { RunContext } from './run-context.ts';
import { TaskExtras, TaskRecord } from './task.ts';

const ignore = (): void => {};

/**
 * One of each kind of object that comes and goes with tasks, to be kept for as long as there may be more.
 *
 * When a collection finds no object of a hidden class, V8 forgets it and throws away all code that was optimised for it.
 * Without these, the first thousands of tasks after each quiet moment took ten to fifty times as long.
 */
export function keepShapes(): readonly object[] {
  const place = {
    ref: { id: 0, kind: 'base' },
    startedAt: 0.5,
    invalidate: ignore,
    quarantine: ignore,
    abort: ignore,
  } as const;
  // Where one record had no number, V8 keeps a reading that several share as one object, instead of 16 bytes in each.
  const shared = undefined as unknown as number;
  const record = new TaskRecord<undefined>(0, ignore, shared, undefined, Promise.resolve(), ignore, ignore);
  record.emitDestroy?.();
  record.begin(place);
  record.settle('completed');
  return [record, new RunContext(record, place), new TaskExtras()];
}
