import type { StoreWorkerOptions } from '../process/store.ts';

/** What `tasker worker` is asked to do. Durations are milliseconds. */
export interface WorkerSettings extends StoreWorkerOptions {
  readonly module: string;
  readonly url: string;
  readonly queue: string | undefined;
  /** How long a stop lets tasks finish before they are handed back. */
  readonly stopTimeout: number;
  readonly quiet: boolean;
  readonly progress: boolean;
  /** The port of a page that shows it, 0 for any; undefined for no page. */
  readonly dashboard: number | undefined;
}
