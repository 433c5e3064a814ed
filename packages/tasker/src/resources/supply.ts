import { ref, unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { CreateBreaker } from './breaker.ts';
import type { Attempt } from './breaker.ts';
import type { Resource } from './resource.ts';

/** Lets the fleet and the pool make resources, as fast as the create breaker allows: both feel the same outage. */
export class Supply<R> {
  readonly #clock: Clock;
  readonly #breaker: CreateBreaker;
  readonly #life: Life;
  readonly #owner: SupplyOwner;
  /** More resources may be made now than before, or fewer are left. */
  readonly changed: () => void;
  #timer: unknown = undefined;
  #isUrgent = false;

  /** `createBackoff` gives the ms to wait after so many failures in a row; it must not throw. */
  constructor(clock: Clock, createBackoff: (failures: number) => number, life: Life, owner: SupplyOwner) {
    this.#clock = clock;
    this.#life = life;
    this.#owner = owner;
    this.changed = owner.reconcile;
    this.#breaker = new CreateBreaker(createBackoff);
  }

  /** Lets one creation begin, or returns undefined and calls `changed` once it is worth asking again. */
  begin(): Attempt | undefined {
    if (this.#life.isClosing) return undefined;
    const now = this.#clock.now();
    if (this.#breaker.allowance(now) > 0) return this.#breaker.begin(now);
    const delay = this.#breaker.delay(now);
    if (delay > 0 && this.#timer === undefined) this.#arm(delay);
    return undefined;
  }

  /** It is up. */
  opened(supplied: Supplied<R>, now: number): void {
    this.#breaker.succeeded(supplied.attempt, now);
    this.changed();
  }

  /** It could not be made. */
  notOpened(supplied: Supplied<R>, cause: unknown): void {
    const { attempt } = supplied;
    this.#breaker.failed(attempt, this.#clock.now());
    this.#owner.creationFailed(cause, attempt.isProbe);
    this.changed();
  }

  /** It takes no new user; if it was never any good, that counts as a failed creation. */
  closing(supplied: Supplied<R>): void {
    const { attempt, resource } = supplied;
    const { reason, uses, createdAt } = resource;
    const isUseless = uses === 0 && (reason === 'invalidated' || reason === 'invalid');
    if (isUseless && this.#breaker.died(attempt, createdAt, this.#clock.now())) {
      this.#owner.creationFailed(new Error(`a new resource was ${reason} before its first use`), attempt.isProbe);
    }
    this.changed();
  }

  /** It was given up before it was up. */
  gaveUp(supplied: Supplied<R>): void {
    this.#breaker.forget(supplied.attempt);
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
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.changed();
    }, delay);
    if (!this.#isUrgent) unref(this.#timer);
  }
}

/** A resource that was made, and the attempt to make it. */
export interface Supplied<R> {
  readonly attempt: Attempt;
  readonly resource: Resource<R>;
}

/** Callbacks of {@link Supply}. */
export interface SupplyOwner {
  /** More resources may be made now than before, or fewer are left: whoever lacks some may ask again. */
  readonly reconcile: () => void;
  /** A creation has failed. If it was a probe, those who wait and have no resource left need not wait longer. */
  creationFailed(cause: unknown, isProbe: boolean): void;
}

/** How far the manager is. */
export interface Life {
  /** Whether the first resources are still being made. */
  readonly isStarting: boolean;
  /** Whether the start is over and everything is kept up. */
  readonly isUp: boolean;
  /** Whether no end is under way. */
  readonly isWorking: boolean;
  /** Whether nothing is made or decided any more. */
  readonly isClosing: boolean;
}
