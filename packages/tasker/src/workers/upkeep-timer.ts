import { unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import type { Upkeep } from '../resources/upkeep.ts';
import type { Staff } from './crew.ts';
import type { Worker } from './worker.ts';

/** Time passes between two looks, ms: more than the fraction by which a timer may be early, */
const MIN_DELAY = 0.001;
/** and where a resource may be due again at once, enough that a very short `keepAlive` keeps nobody busy. */
const MIN_PERIOD = 1;

/** Looks after idle resources: `keepAlive` and `maxAge`. One timer for all, armed for the first that is due. */
export class UpkeepTimer<R> {
  #timer: unknown = undefined;
  #at = Infinity;
  readonly #clock: Clock;
  readonly #upkeep: Upkeep<R>;
  readonly #staff: Staff<R>;
  readonly #leastDelay: number;

  constructor(clock: Clock, upkeep: Upkeep<R>, staff: Staff<R>) {
    this.#leastDelay = upkeep.period < 10 * MIN_PERIOD ? MIN_PERIOD : MIN_DELAY;
    this.#clock = clock;
    this.#upkeep = upkeep;
    this.#staff = staff;
  }

  /** A worker has become idle. Nothing is looked after before the start is over: that waits for all resources to be up at once. */
  idle(worker: Worker<R>): void {
    const at = this.#upkeep.dueAt(worker);
    if (at < this.#at && this.#staff.life.isUp) this.#arm(at);
  }

  open(): void {
    for (const worker of this.#staff.all()) if (worker.isIdle) this.idle(worker);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #arm(at: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = this.#clock.setTimeout(() => this.#look(), Math.max(this.#leastDelay, at - this.#clock.now()));
    unref(this.#timer);
  }

  #look(): void {
    this.#at = Infinity;
    const now = this.#clock.now();
    for (const worker of this.#staff.all()) if (worker.isIdle) worker.look(now);
    // Whoever was too early by a fraction of a millisecond comes again.
    for (const worker of this.#staff.all()) if (worker.isIdle) this.idle(worker);
  }
}
