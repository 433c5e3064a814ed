import { setTimeout } from 'node:timers/promises';
import { defineTasks } from 'tasker-distributed';

/** Stands for what is scarce and slow to make: a browser page, a connection, a licence. */
export class Printer {
  async print(signal: AbortSignal): Promise<void> {
    await setTimeout(50, undefined, { signal });
  }
}

/** What workers run and others submit: both import this file. */
export const tasks = defineTasks<Printer>()({
  report: async (printer, { pages }: { pages: number }, { signal, progress }) => {
    for (let page = 1; page <= pages; page++) {
      await printer.print(signal);
      progress(Math.round((100 * page) / pages));
    }
    return { pages };
  },
});
