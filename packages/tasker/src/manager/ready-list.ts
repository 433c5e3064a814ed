import type { Worker } from './worker.ts';

/** The workers of a crew that may be given tasks, and those whose resource is being validated for a task that waits. */
export class ReadyList<R> {
  /** Live workers with a free place, the most recently used last. */
  readonly workers: Worker<R>[] = [];
  readonly #checking = new Set<Worker<R>>();

  /** How many waiting tasks will be served by workers that are being validated. */
  get checking(): number {
    return this.#checking.size;
  }

  /** The worker may be given tasks: it is now the most recently used. */
  add(worker: Worker<R>): void {
    if (worker.isListed || this.#checking.size > 0) this.withdraw(worker);
    worker.isListed = true;
    this.workers.push(worker);
  }

  /** The worker takes no task, for now or for good. */
  withdraw(worker: Worker<R>): void {
    if (this.#checking.size > 0) this.#checking.delete(worker);
    if (!worker.isListed) return;
    worker.isListed = false;
    if (this.workers.at(-1) === worker) this.workers.pop();
    else this.workers.splice(this.workers.lastIndexOf(worker), 1);
  }

  /** Whether the worker may start a task now. If not, it is on its way out, or being validated and then added again. */
  isFit(worker: Worker<R>, now: number): boolean {
    if (worker.isTooOld(now)) {
      worker.retire('age');
      return false;
    }
    if (!worker.mustValidate(now)) return true;
    worker.check();
    if (worker.isLive) this.#checking.add(worker); // `validate` may have said at once that it is dead
    return false;
  }
}
