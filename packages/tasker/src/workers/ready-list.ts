import type { Worker } from './worker.ts';

/**
 * The workers of a crew that may be given tasks, and those that are being validated because a task waits.
 *
 * A validation reserves no task: whichever worker is fit first gets it. While one runs, no other is begun for the same task,
 * unless it is slow.
 */
export class ReadyList<R> {
  /** Live workers with a free place, the most recently used last. */
  readonly workers: Worker<R>[] = [];
  /** Workers whose validation a waiting task counts on, and whether it has become slow. */
  readonly #checking = new Map<Worker<R>, boolean>();
  #slow = 0;
  readonly #onSlow: () => void;

  /** `onSlow`: another worker may be validated now, if a task still waits. */
  constructor(onSlow: () => void) {
    this.#onSlow = onSlow;
  }

  /** How many waiting tasks count on a validation. */
  get checking(): number {
    return this.#checking.size;
  }

  /** Tasks that could start now, but for a pause. */
  get freePlaces(): number {
    return this.workers.reduce((sum, worker) => sum + worker.freePlaces, 0);
  }

  /** The worker may be given tasks: it is now the most recently used. */
  add(worker: Worker<R>): void {
    if (worker.isListed || this.#checking.size > 0) this.withdraw(worker);
    worker.isListed = true;
    this.workers.push(worker);
  }

  /** The worker takes no task, for now or for good. */
  withdraw(worker: Worker<R>): void {
    if (this.#checking.size > 0) this.#forget(worker);
    if (!worker.isListed) return;
    worker.isListed = false;
    if (this.workers.at(-1) === worker) this.workers.pop();
    else this.workers.splice(this.workers.lastIndexOf(worker), 1);
  }

  /** Only this many tasks wait: no more of the validations are counted on. */
  trim(waiting: number): void {
    for (const worker of this.#checking.keys()) {
      if (this.#checking.size <= waiting) return;
      this.#forget(worker);
    }
  }

  /**
   * The worker to start the next of `waiting` tasks: the least busy one, the most recently used of these; undefined if none
   * is fit now. Idle ones that have to be validated first are validated, no more than tasks wait.
   */
  pick(waiting: number, now: number): Worker<R> | undefined {
    const { workers } = this;
    let best: Worker<R> | undefined;
    let least = Infinity;
    for (let i = workers.length - 1; i >= 0; i--) {
      const worker = workers[i];
      if (worker === undefined) continue; // a hook has withdrawn several
      if (worker.isLookedAfter && !this.#isFit(worker, waiting, now)) continue;
      const { load } = worker;
      if (load === 0) return worker;
      if (load >= least) continue;
      best = worker;
      least = load;
    }
    return best?.isListed === true ? best : undefined;
  }

  /** Another worker that is fit now, the least busy one. Calls no hook. */
  other(than: Worker<R>, now: number): Worker<R> | undefined {
    const others = this.workers.filter((worker) => worker !== than && worker.unfitFor('task', now) === undefined);
    return others.toReversed().toSorted((a, b) => a.load - b.load)[0];
  }

  /** Whether the worker may start a task now. If not, it is on its way out, or it is, or may be, validated first. */
  #isFit(worker: Worker<R>, waiting: number, now: number): boolean {
    const unfit = worker.unfitFor('task', now);
    if (unfit === 'validate') return this.#check(worker, waiting) && worker.unfitFor('task', now) === undefined;
    if (unfit !== undefined) worker.retire(unfit);
    return unfit === undefined;
  }

  /** Has the worker validated, unless those are enough that are; whether it is ready again at once. */
  #check(worker: Worker<R>, waiting: number): boolean {
    if (waiting <= this.#checking.size - this.#slow) return false;
    if (worker.check(() => this.#becameSlow(worker))) this.#checking.set(worker, false);
    return worker.isListed;
  }

  #becameSlow(worker: Worker<R>): void {
    if (this.#checking.get(worker) !== false) return;
    this.#checking.set(worker, true);
    this.#slow++;
    this.#onSlow();
  }

  #forget(worker: Worker<R>): void {
    if (this.#checking.get(worker) === true) this.#slow--;
    this.#checking.delete(worker);
  }
}
