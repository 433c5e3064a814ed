import type { Worker } from './worker.ts';

/** The workers of a crew that are to be replaced, and how. */
export interface RecycledCrew<R> {
  readonly workers: Iterable<Worker<R>>;
  /** How many more may be made now. */
  readonly room: number;
  /** Whether the crew has all the workers it should always have. */
  readonly isComplete: boolean;
  /** Starts one worker more; undefined if none may be made now. */
  startOne(): Worker<R> | undefined;
}

/**
 * Replaces the workers of a crew one after another: the new one first while there is room under the limit, else the old
 * one first. Nothing is retired while the crew is incomplete, so that the old ones go on while `onCreate` fails.
 */
export class Recycling<R> {
  readonly #crew: RecycledCrew<R>;
  readonly #done: () => void;
  /** Those still to be retired. */
  readonly #old: Set<Worker<R>>;
  #fresh: Worker<R> | undefined = undefined;
  #leaving: Worker<R> | undefined = undefined;
  #isDone = false;

  constructor(crew: RecycledCrew<R>, done: () => void) {
    this.#crew = crew;
    this.#done = done;
    this.#old = new Set([...crew.workers].filter((worker) => worker.isAvailable));
  }

  /** Something has changed in the crew: goes on as far as possible. */
  step(): void {
    if (this.#isDone) return;
    for (const worker of this.#old) if (!worker.isAvailable) this.#old.delete(worker);
    if (this.#fresh?.isStarting === true) return;
    if (this.#leaving !== undefined && this.#leaving.resource.state !== 'gone') return;
    const isReplaced = this.#fresh?.isLive === true;
    this.#fresh = undefined;
    this.#leaving = undefined;
    if (isReplaced) this.#retireOne();
    else if (this.#old.size === 0 && this.#crew.isComplete) this.end();
    else if (this.#crew.isComplete) this.#replaceOne();
  }

  #replaceOne(): void {
    if (this.#crew.room > 0) this.#fresh = this.#crew.startOne();
    else this.#retireOne();
  }

  /** An idle one before a busy one. */
  #retireOne(): void {
    const live = [...this.#old].filter((worker) => worker.isLive);
    const worker = live.find((candidate) => candidate.isIdle) ?? live[0];
    if (worker === undefined) return; // still starting: comes up or fails, and then it is asked again
    this.#old.delete(worker);
    this.#leaving = worker;
    worker.retire('recycled');
  }

  /** All are replaced, or nothing more will be. */
  end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#done();
  }
}
