/** What submitters and workers share: the tasks of a shop, by name. */
import { appendFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { defineTasks } from 'tasker-distributed';

/** The resource that tasks run on; stands for a connection to a bank, whose `book` is a file. */
export interface Desk {
  readonly worker: string;
  readonly book: string;
}

/** What comes back; `attempt` is 1 unless it has run before. */
export interface Receipt {
  readonly order: number;
  readonly worker: string;
  readonly attempt: number;
}

export const tasks = defineTasks<Desk>()({
  /** May run again: the second invoice is the same as the first. */
  invoice: async ({ worker }, { order }: { order: number }, { attempt, progress }): Promise<Receipt> => {
    progress({ order, worker, attempt });
    await setTimeout(100 + 100 * Math.random());
    return { order, worker, attempt };
  },
  /** May run once only, or money would move twice. A worker that dies may die before it moves, or after. */
  charge: async ({ worker, book }, { order }: { order: number }, { attempt, progress }): Promise<Receipt> => {
    progress({ order, worker, attempt });
    await setTimeout(100 * Math.random());
    await appendFile(book, `${order}\n`);
    await setTimeout(100 * Math.random());
    return { order, worker, attempt };
  },
});
