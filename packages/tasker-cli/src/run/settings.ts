import { UsageError } from '../basics/usage-error.ts';
import type { OnBadInput } from '../input/items.ts';
import type { SourceSettings } from '../input/open-source.ts';
import { identityOf } from '../output/own-file.ts';
import type { ItemFlags } from '../work/item-options.ts';
import type { ManagerOptions } from '../work/manager-config.ts';
import { writtenFiles } from './written-files.ts';

export type { ManagerOptions };

/** What `tasker run` is asked to do. Durations are milliseconds. */
export interface RunSettings extends ItemFlags, SourceSettings {
  readonly module: string;
  readonly manager: ManagerOptions;
  /** The command line, to tell how to go on. */
  readonly args: readonly string[];
  readonly onBadInput: OnBadInput;
  readonly limit: number;
  /** The seed of the order; undefined for that of the input. */
  readonly shuffle: number | undefined;
  readonly dryRun: boolean;
  /** Whether each worker is a thread. */
  readonly threads: boolean;
  readonly out: string | undefined;
  readonly failures: string | undefined;
  readonly resume: boolean;
  /** Whether what has failed is run again; then `resume` is set, too. */
  readonly resumeFailed: boolean;
  readonly ordered: boolean;
  readonly grace: number;
  /** How long no resource can be made before the run ends. */
  readonly giveUpAfter: number;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether a terminal shows how far the run is. */
  readonly progress: boolean;
  /** The port of a page that shows it, 0 for any; undefined for no page. */
  readonly dashboard: number | undefined;
  /** The store of the workers that share the run; undefined for this process alone. */
  readonly url: string | undefined;
  /** Its queue; undefined for that of the module. */
  readonly queue: string | undefined;
}

/** Throws `UsageError` if settings contradict each other. */
export function checkSettings(settings: RunSettings): void {
  const { once, key, lines, jsonl, csv, out } = settings;
  const { maxRetries = 0, keyConcurrency, keyRate } = settings.manager;
  if (once && maxRetries > 0) throw new UsageError('--once runs no item twice, and --retries does');
  if (once && settings.resumeFailed) throw new UsageError('--once runs no item twice, and --resume-failed does');
  if (key === undefined && keyConcurrency !== undefined) throw new UsageError('--key-concurrency needs --key');
  if (key === undefined && keyRate !== undefined) throw new UsageError('--key-rate needs --key');
  checkStore(settings);
  for (const file of [settings.out, settings.failures]) {
    if (file?.endsWith('.gz') === true) throw new UsageError(`${file} would not be compressed: name it without .gz`);
  }
  if (settings.resume && out === undefined) throw new UsageError('--resume needs --out, whose results it goes on with');
  const read = [lines, jsonl, csv].filter((file) => file !== undefined).filter((file) => file !== '-');
  const files = [...read, ...writtenFiles(settings)];
  const identities = files.map((file) => identityOf(file));
  const twice = files.find((_, i) => identities.indexOf(identities[i] ?? '') !== i);
  if (twice !== undefined) throw new UsageError(`${twice} cannot be read and written, or written twice`);
}

/** What a queue of this process can do, and one that is shared cannot. */
function checkStore({ url, queue, key, manager, dashboard }: RunSettings): void {
  if (url === undefined) {
    if (queue !== undefined) throw new UsageError('--queue needs --url');
    return;
  }
  if (manager.rate !== undefined) {
    throw new UsageError('--rate is not for --url: give tasker worker --rate, or --queue-rate for all together');
  }
  if (key !== undefined) throw new UsageError('--key is not for --url: a queue that is shared has no keys');
  if (manager.aging !== undefined) throw new UsageError('--aging is not for --url: priorities are strict in a store');
  if (dashboard !== undefined && manager.workerCount === 0) {
    throw new UsageError('--dashboard shows what runs here, and with --workers 0 nothing does');
  }
  if (manager.workerCount === 0 && url.startsWith('pglite:')) {
    throw new UsageError('--workers 0 leaves nobody to run the items: no other process can open pglite');
  }
}
