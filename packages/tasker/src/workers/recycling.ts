import type { Life } from '../resources/supply.ts';
import type { Crew } from './crew.ts';
import type { Worker } from './worker.ts';

/**
 * Replaces the workers of a crew one after another: the new one first while there is room under the limit, else the old
 * one first. Nothing is retired while the crew is incomplete, so that the old ones go on while `onCreate` fails.
 */
class Recycling<R> {
  readonly #crew: Crew<R>;
  readonly #reason: string | undefined;
  readonly #old: Set<Worker<R>>;
  #fresh: Worker<R> | undefined = undefined;
  #leaving: Worker<R> | undefined = undefined;

  /** `reason` is the caller's. */
  constructor(crew: Crew<R>, reason: string | undefined) {
    this.#reason = reason;
    this.#crew = crew;
    this.#old = new Set(crew.workers);
  }

  /** Goes on as far as possible; true once all are replaced. */
  step(): boolean {
    for (const worker of this.#old) if (!worker.isAvailable) this.#old.delete(worker);
    if (this.#fresh?.isStarting === true) return false;
    if (this.#leaving !== undefined && this.#leaving.resource.state !== 'gone') return false;
    // One that has taken the part of a base worker that died meanwhile is there for that one.
    const fresh = this.#fresh?.isLive === true && this.#crew.isExtra(this.#fresh) ? this.#fresh : undefined;
    this.#fresh = undefined;
    this.#leaving = undefined;
    if (this.#old.size === 0) {
      fresh?.retire('recycled'); // whom it was to replace has gone by itself
      return this.#crew.isComplete;
    }
    const next = this.#next();
    if (next === undefined) {
      this.#fresh = fresh; // the old ones are still starting
    } else if (fresh !== undefined || (this.#crew.isComplete && this.#crew.room <= 0)) {
      this.#retire(next);
    } else if (this.#crew.isComplete) {
      this.#fresh = this.#crew.startOne();
    }
    return false;
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
}

/** The recyclings under way, and who waits for each. */
export class Recyclings<R> {
  readonly #all = new Map<Recycling<R>, () => void>();
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  /** Resolves when all workers of the crew are replaced, or nothing more will be. */
  begin(crew: Crew<R>, reason: string | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#all.set(new Recycling(crew, reason), resolve);
      if (this.#life.isClosing) this.close(); // the logger or `onCreate` has shut the manager down meanwhile
      this.step();
    });
  }

  /** Something has changed in a crew. */
  step(): void {
    for (const [recycling, resolve] of this.#all) {
      if (!recycling.step()) continue;
      this.#all.delete(recycling);
      resolve();
    }
  }

  close(): void {
    for (const resolve of this.#all.values()) resolve();
    this.#all.clear();
  }
}
