import { Crew } from '../workers/crew.ts';
import type { CrewOwner } from '../workers/crew.ts';
import type { Worker } from '../workers/worker.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { FlowParts, Sizes } from './parts.ts';

/**
 * The workers of the queues. To what all crews have it adds which are base workers and which burst ones, and that burst workers yield
 * to the tasks of `runTask`. It does what it is told; how many there shall be is the autoscaler's business.
 */
export class Fleet<R> implements CrewOwner<R> {
  readonly crew: Crew<R>;
  /** Base workers that live or are being made. */
  #base = 0;
  /** After a resize, until the workers are down to their new number, or more are wanted. */
  #isShedding = false;
  readonly #sizes: Sizes;
  readonly #parts: FlowParts<R>;
  readonly #dispatcher: Dispatcher<R>;

  constructor(parts: FlowParts<R>, dispatcher: Dispatcher<R>) {
    const { sizes, isLazy, tasksPerWorker } = parts.config;
    this.#sizes = sizes;
    this.#parts = parts;
    this.#dispatcher = dispatcher;
    const plan = {
      least: () => sizes.workerCount,
      most: () => sizes.maxWorkerCount,
      nextKind: () => this.#nextKind(),
      isLazy,
      tasksPerWorker,
    };
    this.crew = new Crew(plan, parts.staff, parts.environment, parts.supply, this);
  }

  #nextKind(): 'base' | 'burst' {
    if (this.#base >= this.#sizes.workerCount) return 'burst';
    this.#base++;
    return 'base';
  }

  /** Starts up to `count` workers and returns how many. */
  grow(count: number): number {
    this.#isShedding = false;
    return this.crew.grow(count);
  }

  /** The sizes have changed: burst workers that are base ones now are called so, and surplus workers go once they are idle. */
  resized(): void {
    this.#isShedding = true;
    this.#promote(this.#sizes.workerCount - this.#base);
    const surplus = this.crew.live - this.#sizes.workerCount;
    const idle = this.#dispatcher.ready.workers.filter((worker) => worker.isIdle);
    for (const worker of idle.slice(0, Math.max(0, surplus))) worker.retire('resized');
  }

  /** Whether a resize has left more than base workers with nothing to do. What is not up yet replaces nobody. */
  get #isSurplus(): boolean {
    const { live, available } = this.crew;
    const { workerCount } = this.#sizes;
    if (available <= workerCount) this.#isShedding = false;
    return this.#isShedding && live > workerCount && this.#dispatcher.queue.readySize === 0;
  }

  #promote(count: number): void {
    let missing = count;
    for (const worker of this.crew.workers) {
      if (missing <= 0) return;
      if (worker.kind === 'base' || !worker.isAvailable) continue;
      worker.kind = 'base';
      this.#base++;
      missing--;
    }
  }

  /** So many tasks of `runTask` wait for room: as many burst workers go, idle ones now, others after their task. */
  yield(claims: number): void {
    this.crew.claims = claims;
    for (const worker of this.crew.workers) {
      if (!this.#mustYield) return;
      if (worker.isIdle) worker.retire('resized');
    }
  }

  /** Whether a worker has to go for a task of `runTask`. */
  get #mustYield(): boolean {
    const { crew } = this;
    if (crew.claims === 0 || crew.available <= this.#sizes.workerCount) return false;
    const leaving = crew.size - crew.available;
    return crew.claims > leaving + Math.max(0, this.#parts.staff.roomBeyond);
  }

  /** Whether one that is up has to go. */
  get isTooMany(): boolean {
    const { live, claims } = this.crew;
    return live > this.#sizes.maxWorkerCount || (claims > 0 && this.#mustYield);
  }

  opened(worker: Worker<R>, now: number): void {
    this.#parts.load.created(now - worker.attempt.startedAt);
    if (this.crew.isTooLarge) {
      worker.retire('resized');
      return;
    }
    this.#dispatcher.ready.add(worker);
    this.#dispatcher.schedule();
    this.#parts.idle(worker);
  }

  rested(worker: Worker<R>, now: number): void {
    if (this.isTooMany || (this.#isShedding && worker.isIdle && this.#isSurplus)) {
      worker.retire('resized');
      return;
    }
    this.#dispatcher.ready.add(worker);
    this.#dispatcher.dispatch(now);
    if (this.crew.hasExtra) this.#parts.idle(worker);
  }

  withdrawn(worker: Worker<R>): void {
    this.#dispatcher.ready.withdraw(worker);
    if (!this.#parts.staff.life.isClosing) this.#dispatcher.schedule(); // else nothing waits
  }

  /** Of a base worker that was up, a burst worker, if there is one, takes the part. */
  left(worker: Worker<R>): void {
    const isBase = worker.kind === 'base';
    if (isBase) this.#base--;
    if (!worker.wasUp) return;
    this.withdrawn(worker);
    if (isBase) this.#promote(1);
  }
}
