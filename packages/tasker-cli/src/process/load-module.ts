import { USAGE } from '../basics/exit-codes.ts';
import { unlessExit } from './early-exit.ts';

/** Loads a module into this process. Rejects with `UsageError`. A module that ends the process is told of. */
export function loadModule<T>(path: string, load: (path: string) => Promise<T>): Promise<T> {
  return unlessExit(
    () => load(path),
    (how) => {
      const why = how === 'ended' ? 'it ended the process' : 'it waits for something that never comes';
      process.stderr.write(`error: ${path} cannot be loaded: ${why}\n`);
      return USAGE;
    },
  );
}
