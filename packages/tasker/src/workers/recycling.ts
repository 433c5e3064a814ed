import type { Ending } from '../resources/supply.ts';
import type { Crew } from './crew.ts';
import type { Worker } from './worker.ts';

/**
 * Replaces the workers of a crew one after another: the new one first while there is room under the limit, else the old
 * one first. Nothing is retired while the crew is incomplete, so that the old ones go on while `onCreate` fails.
 */
class Recycling<R> {
  readonly #crew: Crew<R>;
  /** Told of the end, more than once if what it sets off has ended this, too. */
  readonly #done: () => void;
  readonly #reason: string | undefined;
  /** Those still to be retired. */
  readonly #old: Set<Worker<R>>;
  #fresh: Worker<R> | undefined = undefined;
  #leaving: Worker<R> | undefined = undefined;

  /** `reason` is the caller's; `done` is called when all are replaced, or nothing more will be. */
  constructor(crew: Crew<R>, reason: string | undefined, done: () => void) {
    this.#reason = reason;
    this.#crew = crew;
    this.#done = done;
    this.#old = new Set(crew.workers);
  }

  /** Something has changed in the crew: goes on as far as possible. */
  step(): void {
    for (const worker of this.#old) if (!worker.isAvailable) this.#old.delete(worker);
    if (this.#fresh?.isStarting === true) return;
    if (this.#leaving !== undefined && this.#leaving.resource.state !== 'gone') return;
    // One that has taken the part of a base worker that died meanwhile is there for that one.
    const fresh = this.#fresh?.isLive === true && this.#crew.isExtra(this.#fresh) ? this.#fresh : undefined;
    this.#fresh = undefined;
    this.#leaving = undefined;
    if (this.#old.size === 0) {
      fresh?.retire('recycled'); // whom it was to replace has gone by itself
      if (this.#crew.isComplete) this.end();
      return;
    }
    const next = this.#next();
    if (next === undefined) {
      this.#fresh = fresh; // the old ones are still starting
    } else if (fresh !== undefined || (this.#crew.isComplete && this.#crew.room <= 0)) {
      this.#retire(next);
    } else if (this.#crew.isComplete) {
      this.#fresh = this.#crew.startOne();
    }
  }

  /** The next to be retired: an idle one before a busy one. */
  #next(): Worker<R> | undefined {
    const live = [...this.#old].filter((worker) => worker.isLive);
    return live.find((worker) => worker.isIdle) ?? live[0];
  }

  #retire(worker: Worker<R>): void {
    this.#old.delete(worker);
    this.#leaving = worker;
    worker.retire('recycled', this.#reason);
  }

  /** All are replaced, or nothing more will be. */
  end(): void {
    this.#done();
  }
}

/** Those under way. */
export class Recyclings<R> {
  readonly #all = new Set<Recycling<R>>();
  readonly #end: Ending;

  constructor(end: Ending) {
    this.#end = end;
  }

  /** Resolves when all workers of these crews are replaced, or nothing more will be. */
  async begin(crews: readonly Crew<R>[], reason: string | undefined): Promise<void> {
    await Promise.all(crews.map((crew) => this.#begin(crew, reason)));
  }

  #begin(crew: Crew<R>, reason: string | undefined): Promise<void> {
    return new Promise((resolve) => {
      const recycling = new Recycling(crew, reason, () => {
        this.#all.delete(recycling);
        resolve();
      });
      this.#all.add(recycling);
      if (this.#end.isClosing) recycling.end(); // the logger or `onCreate` has shut the manager down meanwhile
      else recycling.step();
    });
  }

  step(): void {
    for (const recycling of this.#all) recycling.step();
  }

  close(): void {
    for (const recycling of this.#all) recycling.end();
  }
}
