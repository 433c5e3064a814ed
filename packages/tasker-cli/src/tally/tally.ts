import { ErrorGroups } from './error-groups.ts';
import { Slowest } from './slowest.ts';
import type { EndedItem } from './ended-item.ts';

/** What is worth telling of the items of a run, in bounded memory. */
export class Tally {
  readonly errors: ErrorGroups = new ErrorGroups();
  readonly slowest: Slowest = new Slowest();

  /** Takes an item; `runMs` is undefined if it was not run, or nothing is known of that. */
  add(item: EndedItem, runMs: number | undefined): void {
    if (item.error !== undefined) this.errors.add(item);
    if (runMs !== undefined) this.slowest.add(item, runMs);
  }
}
