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
  flag('workerCount', '--workers <n>', 'workers that are always there (default: 1)', positive),
  flag('maxWorkerCount', '--max-workers <n>', 'most workers under load (default: the number of cores)', positive),
  flag('tasksPerWorker', '--tasks-per-worker <n>', 'items that share a worker at a time (default: 1)', positive),
  { option: 'scaling', flag: new Option('--scaling <law>', 'auto, or off: always --workers').choices(['auto', 'off']) },
  flag('growthMustPay', '--growth-must-pay <on|off>', 'no more at once than gets more done (default: on)', onOrOff),
  flag(
    'targetWait',
    '--target-wait <duration>',
    'wait of an item that asks for more workers (default: 100ms)',
    duration,
  ),
  flag('idleTimeout', '--idle-timeout <duration>', 'how long a worker beyond --workers idles before it goes', duration),
];

/** Those about the resources of the workers. */
export const RESOURCE_FLAGS: readonly ManagerFlag[] = [
  flag('createTimeout', '--create-timeout <duration>', 'longest time of onCreate (default: 30s)', duration),
  flag('startTimeout', '--start-timeout <duration>', 'how long first creations that fail are tried again', duration),
  flag('destroyTimeout', '--destroy-timeout <duration>', 'longest time of onDestroy (default: 5s)', duration),
  flag('maxUses', '--max-uses <n>', 'items after which a resource is replaced', positive),
  flag('maxAge', '--max-age <duration>', 'age at which a resource is replaced', duration),
  flag('validateAfter', '--validate-after <duration>', 'idle time after which a resource is validated', duration),
];

/** Those about each item. */
export const ITEM_FLAGS: readonly ManagerFlag[] = [
  flag('maxRetries', '--retries <n>', 'run a failed item again, n times at most', count),
  flag('timeout', '--timeout <duration>', 'longest time of one run', duration),
  flag('abandonAfter', '--abandon-after <duration>', 'grace of a run that ignores its abort (default: 5s)', duration),
  flag('rate', '--rate <n/unit>', 'starts of runs, such as 20/s or 600/min; several: 20/s,600/min', rates),
  flag('keyRate', '--key-rate <n/unit>', 'the same for the items of each key', rates),
  flag('keyConcurrency', '--key-concurrency <n>', 'items of one key that run at a time', positive),
  flag('aging', '--aging <duration>', 'an item that waits for so long counts one priority higher', duration),
];

export const MANAGER_FLAGS: readonly ManagerFlag[] = [...WORKER_FLAGS, ...RESOURCE_FLAGS, ...ITEM_FLAGS];

/** What the flags that were given say of the manager. */
export function managerOptions(given: Readonly<Record<string, unknown>>): ManagerOptions {
  return Object.fromEntries(
    MANAGER_FLAGS.map(({ option, flag }) => [option, given[flag.attributeName()]]).filter(
      ([, value]) => value !== undefined,
    ),
  ) as ManagerOptions;
}
