import type { OnBadInput } from '../input/items.ts';
import type { ItemFlags } from '../work/item-options.ts';
import type { ManagerFlags } from '../work/manager-config.ts';

/** What `tasker run` is asked to do. Durations are milliseconds. */
export interface RunSettings extends ManagerFlags, ItemFlags {
  readonly module: string;
  readonly globs: readonly string[];
  /** Files, `-` for standard input. */
  readonly lines: string | undefined;
  readonly jsonl: string | undefined;
  readonly csv: string | undefined;
  readonly delimiter: string | undefined;
  readonly onBadInput: OnBadInput;
  readonly limit: number;
  /** The seed of the order; undefined for that of the input. */
  readonly shuffle: number | undefined;
  readonly dryRun: boolean;
  readonly out: string | undefined;
  readonly failures: string | undefined;
  readonly ordered: boolean;
  readonly grace: number;
  readonly json: boolean;
  readonly quiet: boolean;
}
