import type { Worker } from './worker.ts';

/**
 * All workers of a manager, by crew, and the bound over their resources, `maxResources`. Room for those that each crew shall have at
 * least is set aside, whether they are there or not; what is left is for burst workers and temporary resources.
 *
 * ```
 *   ├─ workerCount ─┼─ resourcePoolSize ─┼─ beyond ─┤ maxResources
 * ```
 */
export class Staff<R> {
  readonly crews: StaffCrew<R>[] = [];
  readonly #max: number;

  constructor(maxResources: number) {
    this.#max = maxResources;
  }

  /** How many more there may be at all. */
  get room(): number {
    return this.crews.reduce((room, { size }) => room - size, this.#max);
  }

  /** How many more there may be that no room is set aside for. */
  get roomBeyond(): number {
    return this.crews.reduce((room, { size, least }) => room - Math.max(size, least), this.#max);
  }

  /** Whether every resource is gone. */
  get isGone(): boolean {
    return this.crews.every(({ size }) => size === 0);
  }

  /** All workers, those on their way out included. */
  all(): Worker<R>[] {
    return this.crews.flatMap(({ workers }) => [...workers]);
  }

  /** Makes no more workers and destroys those there are, each after its last task. */
  close(reason: unknown): void {
    for (const crew of this.crews) crew.close(reason);
  }

  /** Destroys every worker now, whatever it does. */
  kill(reason: unknown): void {
    for (const crew of this.crews) crew.kill(reason);
  }
}

/** A crew, as the whole sees it. */
interface StaffCrew<R> {
  readonly workers: ReadonlySet<Worker<R>>;
  readonly size: number;
  readonly least: number;
  close(reason: unknown): void;
  kill(reason: unknown): void;
}
