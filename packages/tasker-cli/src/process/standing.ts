/** How far a run is. */
export interface Standing {
  /** Items with a line, those of earlier runs included. */
  readonly done: number;
  /** Undefined if it is not known. */
  readonly total: number | undefined;
  readonly failed: number;
  readonly retried: number;
  readonly workers: number;
  readonly startingWorkers: number;
  /** Processes that share the work, where there may be several; undefined while it is not known. */
  readonly processes?: number | undefined;
  readonly running: number;
  readonly queued: number;
  /** Items of the queue that wait for their time, and what they wait for. */
  readonly throttled: number;
  readonly hasRate: boolean;
  /** Run times in ms; undefined before the first. */
  readonly runTimes: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
}
