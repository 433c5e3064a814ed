/** The sizes of a manager, which `resize()` changes. */
export interface Sizes {
  workerCount: number;
  maxWorkerCount: number;
  resourcePoolSize: number;
  /** Whether `maxWorkerCount` was given; else it follows `workerCount`. */
  isMaxGiven: boolean;
}

/**
 * The bound over all resources of a manager, `maxResources`. Room for each base worker and each pooled resource is set
 * aside, whether it is there or not; what is left is for burst workers and temporary resources.
 *
 * ```
 *   ├─ workerCount ─┼─ resourcePoolSize ─┼─ beyond ─┤ maxResources
 * ```
 */
export class ResourceBound {
  readonly #max: number;
  readonly #sizes: Sizes;
  readonly #counts: ResourceCounts;

  constructor(max: number, sizes: Sizes, counts: ResourceCounts) {
    this.#max = max;
    this.#sizes = sizes;
    this.#counts = counts;
  }

  /** How many more there may be at all. */
  get room(): number {
    return this.#max - this.#counts.workers() - this.#counts.pooled() - this.#counts.temporary();
  }

  /** How many more there may be that no room is set aside for. */
  get roomBeyond(): number {
    const workers = Math.max(this.#counts.workers(), this.#sizes.workerCount);
    const pooled = Math.max(this.#counts.pooled(), this.#sizes.resourcePoolSize);
    return this.#max - workers - pooled - this.#counts.temporary();
  }
}

/** How many resources there are now, those being made and destroyed included. */
export interface ResourceCounts {
  workers(): number;
  pooled(): number;
  temporary(): number;
}
