import { ref, unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { CreateBreaker } from '../resources/breaker.ts';
import type { Attempt } from '../resources/breaker.ts';
import type { ResolvedConfig } from './config.ts';
import type { Reporter } from './reporter.ts';
import { requireDelay } from './runs.ts';
import type { Worker } from './worker.ts';

/** The longest wait that a `createBackoff` that throws is replaced by. */
const FALLBACK_DELAY = 1_000;

/** Whom the supply calls. */
export interface SupplyOwner {
  /** More resources may be made now than before: whoever lacks some may ask again. */
  replenish(): void;
  /** A creation has failed. If it was a probe, those who wait and have no resource left need not wait longer. */
  creationFailed(cause: unknown, isProbe: boolean): void;
}

/** Lets the fleet and the pool make resources, as fast as the create breaker allows: both feel the same outage. */
export class Supply<R> {
  readonly #clock: Clock;
  readonly #breaker: CreateBreaker;
  readonly #owner: SupplyOwner;
  #timer: unknown = undefined;
  #isUrgent = false;
  #isClosed = false;

  constructor(config: ResolvedConfig<R>, reporter: Reporter, owner: SupplyOwner) {
    this.#clock = config.clock;
    this.#owner = owner;
    this.#breaker = new CreateBreaker((failures) =>
      reporter.guarded('createBackoff', () => requireDelay(config.createBackoff(failures)), FALLBACK_DELAY),
    );
  }

  /** Lets one creation begin, or returns undefined and calls `replenish` once it is worth asking again. */
  begin(): Attempt | undefined {
    if (this.#isClosed) return undefined;
    const now = this.#clock.now();
    if (this.#breaker.allowance(now) > 0) return this.#breaker.begin(now);
    const delay = this.#breaker.delay(now);
    if (delay > 0 && this.#timer === undefined) this.#arm(delay);
    return undefined;
  }

  /** The worker's resource is up. */
  opened(worker: Worker<R>, now: number): void {
    this.#breaker.succeeded(worker.attempt, now);
    this.#owner.replenish();
  }

  /** The worker's resource could not be made. */
  notOpened(worker: Worker<R>, cause: unknown): void {
    const { attempt } = worker;
    this.#breaker.failed(attempt, this.#clock.now());
    this.#owner.creationFailed(cause, attempt.isProbe);
    this.#owner.replenish();
  }

  /** The worker takes no new task; if its resource was never any good, that counts as a failed creation. */
  closing(worker: Worker<R>): void {
    const { attempt, resource } = worker;
    const { reason, uses, createdAt } = resource;
    const isUseless = uses === 0 && (reason === 'invalidated' || reason === 'invalid');
    if (isUseless && this.#breaker.died(attempt, createdAt, this.#clock.now())) {
      this.#owner.creationFailed(new Error(`a new resource was ${reason} before its first use`), attempt.isProbe);
    }
    this.#owner.replenish();
  }

  /** The worker is gone: there is room for another. */
  closed(worker: Worker<R>): void {
    this.#breaker.forget(worker.attempt);
    this.#owner.replenish();
  }

  /** There is room for a resource that the supply has not made. */
  roomLeft(): void {
    this.#owner.replenish();
  }

  /** A resource that came up at `openedAt` is used for the first time. */
  proven(openedAt: number): void {
    this.#breaker.proven(openedAt);
  }

  /** Whether tasks wait: then a pending backoff keeps the process alive. */
  set isUrgent(isUrgent: boolean) {
    this.#isUrgent = isUrgent;
    if (this.#timer === undefined) return;
    if (isUrgent) ref(this.#timer);
    else unref(this.#timer);
  }

  /** Lets nothing begin any more. */
  close(): void {
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#owner.replenish();
    }, delay);
    if (!this.#isUrgent) unref(this.#timer);
  }
}
