import type { Items } from '../input/items.ts';
import type { RunIdentity } from '../output/journal.ts';
import type { Dashboard } from '../process/dashboard.ts';
import type { ItemOptions } from '../work/item-options.ts';
import type { Worker } from '../work/load-worker.ts';
import type { PreviousRun } from './previous-run.ts';
import type { RunSettings } from './settings.ts';

/** What is to be run. */
export interface RunPlan {
  readonly settings: RunSettings;
  readonly worker: Worker;
  readonly items: Items;
  readonly optionsOf: ItemOptions;
  /** What is to be gone on with. */
  readonly previous: PreviousRun | undefined;
  readonly identity: RunIdentity;
  /** Number of items; undefined if it is not known. */
  readonly total: number | undefined;
  readonly dashboard: Dashboard | undefined;
}
