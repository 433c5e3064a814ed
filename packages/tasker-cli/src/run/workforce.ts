import type { TaskOptions } from 'tasker';
import type { Item } from '../input/item.ts';
import type { Outcome } from '../output/result-line.ts';
import type { WorkforceStanding } from '../process/standing.ts';

/** What became of an item, but for what the item is. */
export interface Ended extends Pick<Outcome, 'end' | 'finishedAt'> {
  readonly attempts: number;
  readonly waitMs: number;
  readonly runMs: number;
}

/** Those who run the items of a run: workers of this process, or of any that shares a store. */
export interface Workforce {
  /** Resolves when it takes items. Rejects if it does not start. */
  readonly ready: Promise<unknown>;
  /** Items that it can be given at a time, at least. */
  readonly room: number;
  /** Items that run now; undefined if there may be some. */
  readonly running: number | undefined;
  /** Why it has ended by itself, before all items were run. */
  readonly failure: string | undefined;
  /** To be called when it ends by itself. */
  onFailure: () => void;
  /** To be called when it takes no more, and finishes what it has. */
  onClosed: () => void;
  /** Runs an item. Resolves with undefined if it was not run, or nothing is known of that: then it has no line. */
  run(item: Item, options: TaskOptions | undefined): Promise<Ended | undefined>;
  /** Nothing starts until `release`: then the best of what it was given is first. */
  hold(): void;
  release(): void;
  /** Starts nothing more. What waits, for its retry as well, is not run; what runs is finished. */
  halt(): void;
  standing(): WorkforceStanding;
  /** All items have ended. */
  stop(): Promise<unknown>;
  /** Ends what runs. */
  kill(): Promise<unknown>;
}

const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

/** An earlier run has begun the item and has not told how it ended. */
class OutcomeUnknown extends Error {
  readonly code: string = OUTCOME_UNKNOWN;

  constructor() {
    super('an earlier run had begun this item, and how it ended is not known');
  }
}

/** What becomes of an item that must not be run twice, and had begun. */
export const unknownOutcome = (): Ended => ({
  end: { error: new OutcomeUnknown() },
  attempts: 1,
  waitMs: 0,
  runMs: 0,
  finishedAt: Date.now(),
});

/** Whether it is known how long an item has run. */
export const hasRunTime = (attempts: number, code: unknown): boolean => attempts > 0 && code !== OUTCOME_UNKNOWN;
