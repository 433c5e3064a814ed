import { USAGE } from '../basics/exit-codes.ts';
import { loadWorker } from '../work/load-worker.ts';
import type { Worker } from '../work/load-worker.ts';
import { unlessExit } from './early-exit.ts';

/** Loads the worker of a module into this process. Rejects with `UsageError`. A module that ends the process is told of. */
export function loadModule(path: string): Promise<Worker> {
  return unlessExit(
    () => loadWorker(path),
    (how) => {
      const why = how === 'ended' ? 'it ended the process' : 'it waits for something that never comes';
      process.stderr.write(`error: ${path} cannot be loaded: ${why}\n`);
      return USAGE;
    },
  );
}
