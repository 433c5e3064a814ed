import { ErrorGroups } from './error-groups.ts';
import type { Failure } from './error-groups.ts';
import { Slowest } from './slowest.ts';

/** What is worth telling of the items of a run, in bounded memory. */
export class Tally {
  readonly errors: ErrorGroups = new ErrorGroups();
  readonly slowest: Slowest = new Slowest();

  /** Takes an item; `error` is undefined if all is well with it, and `run` if it was not run, or nothing is known of that. */
  add(item: Failure, run: LastRun | undefined): void {
    if (item.error !== undefined) this.errors.add(item);
    if (run !== undefined) this.slowest.add({ ...item, ok: item.error === undefined }, run.ms, run.attempts);
  }
}

/** The last run of an item. */
export interface LastRun {
  readonly ms: number;
  /** Its number, from 1. */
  readonly attempts: number;
}
