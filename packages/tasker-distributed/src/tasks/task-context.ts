import type { WorkerRef } from 'tasker';

/** The third argument of a distributed task, about its run. */
export interface DistributedContext {
  /** What `submit` has returned; the same on each run. */
  readonly id: string;
  /** The name of the task in the definition. */
  readonly name: string;
  /** Aborts on cancel, from whichever process, on `timeout` and on `kill()`. */
  readonly signal: AbortSignal;
  /** 1 on the first run; runs that were lost with their worker count, those handed back by `kill()` do not. */
  readonly attempt: number;
  /** The worker within its process, and the name of the process as `workers()` has it. */
  readonly worker: WorkerRef & { readonly process: string };
  /** Has the resource replaced after this task, whatever its outcome. */
  invalidate(reason?: unknown): void;
  /**
   * Tells the submitter how far the task is: any JSON. Values that come faster than the store takes them replace one another, the last one
   * before the end may be lost. Throws `NOT_JSON` or `TOO_LARGE`.
   */
  progress(value: unknown): void;
}
