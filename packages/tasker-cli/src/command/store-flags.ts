import { Option } from 'commander';

export const urlFlag = (description: string): Option => new Option('--url <url>', description);

export const queueFlag = (): Option =>
  new Option('--queue <name>', 'its queue (default: the name of the module; for tasks by defineTasks "tasker")');

/** That of a command that is nothing without a store. The environment keeps a password out of the list of processes. */
export const storeFlags = (): Option[] => [
  urlFlag('the store: redis://…, postgres://…, or pglite:FOLDER for this process alone')
    .env('TASKER_URL')
    .makeOptionMandatory(),
  queueFlag(),
];
