import { Option } from 'commander';
import { UsageError } from '../basics/usage-error.ts';

export const urlFlag = (description: string): Option => new Option('--url <url>', description);

export const queueFlag = (): Option =>
  new Option('--queue <name>', 'its queue (default: the name of the module; for tasks by defineTasks "tasker")');

/** Those of a command that is nothing without a store. The environment keeps a password out of the list of processes. */
export const storeFlags = (): Option[] => [
  urlFlag('the store: redis://…, postgres://…, or pglite:FOLDER for this process alone').env('TASKER_URL'),
  queueFlag(),
];

/** The URL that such a command needs. Throws `UsageError`, which says what it is, if there is none. */
export function neededUrl(url: string | undefined): string {
  if (url !== undefined) return url;
  throw new UsageError(
    'where are the tasks? Give --url or set TASKER_URL: redis://HOST or postgres://HOST/DATABASE, which workers and submitters share',
  );
}
