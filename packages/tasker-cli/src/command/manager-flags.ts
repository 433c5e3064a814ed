import { Option } from 'commander';
import type { ManagerOptions } from '../run/settings.ts';
import { count, duration, onOrOff, positive, rates } from './flag-values.ts';

/** A flag that sets an option of the manager. */
export interface ManagerFlag {
  readonly option: keyof ManagerOptions;
  readonly flag: Option;
}

const flag = (option: keyof ManagerOptions, flags: string, description: string, parse: Parser): ManagerFlag => ({
  option,
  flag: new Option(flags, description).argParser(parse),
});

type Parser = (text: string) => unknown;

/** Those about the workers. */
export const WORKER_FLAGS: readonly ManagerFlag[] = [
  flag('workerCount', '--workers <n>', 'workers that are always there (default: 1)', count),
  flag('maxWorkerCount', '--max-workers <n>', 'most workers under load (default: the number of cores)', positive),
  flag('tasksPerWorker', '--tasks-per-worker <n>', 'items that share a worker at a time (default: 1)', positive),
  {
    option: 'scaling',
    flag: new Option('--scaling <law>', 'auto, or off: always --workers (default: auto)').choices(['auto', 'off']),
  },
  flag('growthMustPay', '--growth-must-pay <on|off>', 'run no more at once than gets more done (default: on)', onOrOff),
  flag(
    'targetWait',
    '--target-wait <duration>',
    'how long items may wait before workers are added (default: 100ms)',
    duration,
  ),
  flag(
    'idleTimeout',
    '--idle-timeout <duration>',
    'how long a worker beyond --workers idles before it goes (default: 1s, longer if onCreate is slow)',
    duration,
  ),
];

/** Those about the resources of the workers. */
export const RESOURCE_FLAGS: readonly ManagerFlag[] = [
  flag('createTimeout', '--create-timeout <duration>', 'longest time of onCreate (default: 30s)', duration),
  flag(
    'startTimeout',
    '--start-timeout <duration>',
    'how long the first creations are tried again (default: not at all)',
    duration,
  ),
  flag('destroyTimeout', '--destroy-timeout <duration>', 'longest time of onDestroy (default: 5s)', duration),
  flag('maxResources', '--max-resources <n>', 'most resources, with those that are being made or destroyed', positive),
  flag('maxUses', '--max-uses <n>', 'items after which a resource is replaced', positive),
  flag('maxAge', '--max-age <duration>', 'age at which a resource is replaced', duration),
  flag(
    'validateAfter',
    '--validate-after <duration>',
    'idle time after which a resource is validated before it is used (default: 500ms)',
    duration,
  ),
  flag(
    'validateTimeout',
    '--validate-timeout <duration>',
    'longest time of validate and of onRelease (default: 5s)',
    duration,
  ),
  flag('keepAlive', '--keep-alive <duration>', 'how often an idle resource is validated (default: never)', duration),
];

/** Those about each item. */
export const ITEM_FLAGS: readonly ManagerFlag[] = [
  flag(
    'maxRetries',
    '--retries <n>',
    'run a failed item again, n times at most (default: 3 if the module has checkHealth, else 0)',
    count,
  ),
  flag('timeout', '--timeout <duration>', 'longest time of one run (default: none)', duration),
  flag(
    'abandonAfter',
    '--abandon-after <duration>',
    'how long a run may go on after its abort (default: 5s)',
    duration,
  ),
  flag('rate', '--rate <n/unit>', 'most starts of runs, such as 20/s or 600/min; both: 20/s,600/min', rates),
  flag('keyRate', '--key-rate <n/unit>', 'the same for the items of each key; needs --key', rates),
  flag('keyConcurrency', '--key-concurrency <n>', 'most items of one key that run at a time; needs --key', positive),
  flag(
    'aging',
    '--aging <duration>',
    'an item counts one priority higher each time it has waited for this long',
    duration,
  ),
];

/** Those that a worker of a store has: of a queue that is shared there are no keys, and no aging. */
export const SHARED_ITEM_FLAGS: readonly ManagerFlag[] = ITEM_FLAGS.filter(
  ({ option }) => option !== 'keyRate' && option !== 'keyConcurrency' && option !== 'aging',
);

export const MANAGER_FLAGS: readonly ManagerFlag[] = [...WORKER_FLAGS, ...RESOURCE_FLAGS, ...ITEM_FLAGS];

/** They as a command takes them. */
export const flagsOf = (flags: readonly ManagerFlag[]): Option[] => flags.map(({ flag }) => flag);

/** What the flags that were given say of the manager. */
export function managerOptions(given: Readonly<Record<string, unknown>>): ManagerOptions {
  return Object.fromEntries(
    MANAGER_FLAGS.map(({ option, flag }) => [option, given[flag.attributeName()]]).filter(
      ([, value]) => value !== undefined,
    ),
  ) as ManagerOptions;
}
