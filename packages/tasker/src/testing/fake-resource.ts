import { systemClock } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';

/** `dead`: broken but not yet destroyed. */
export type FakeResourceState = 'alive' | 'dead' | 'destroying' | 'destroyed';

/** Options of a {@link FakeResource}. */
export interface FakeResourceOptions {
  /** Number of the resource. Default 1. */
  readonly id?: number;
  /** Maximum number of uses at a time. Default 1. */
  readonly places?: number;
  /** The clock that times `work()`. Default: the system clock. */
  readonly clock?: Clock;
  /** Called with a description of every misuse, which also rejects. Default: none. */
  readonly onViolation?: (message: string) => void;
}

/**
 * A resource that notices misuse: a use after its destruction has begun, more uses at a time than it has places, a
 * second destruction.
 */
export class FakeResource {
  readonly id: number;
  readonly #places: number;
  readonly #clock: Clock;
  readonly #onViolation: (message: string) => void;
  #state: FakeResourceState = 'alive';
  #uses = 0;
  #users = 0;

  constructor(options: FakeResourceOptions = {}) {
    this.id = options.id ?? 1;
    this.#places = options.places ?? 1;
    this.#clock = options.clock ?? systemClock;
    this.#onViolation = options.onViolation ?? (() => {});
  }

  get state(): FakeResourceState {
    return this.#state;
  }

  /** Number of uses begun so far. */
  get uses(): number {
    return this.#uses;
  }

  /** Number of uses in progress. */
  get users(): number {
    return this.#users;
  }

  /**
   * Uses the resource while `fn` runs. Rejects if the resource is dead, is being or has been destroyed, or has no free
   * place.
   */
  async use<T = void>(fn?: () => T | PromiseLike<T>): Promise<T> {
    if (this.#state === 'destroying') this.#violate('used after its destruction began');
    if (this.#state === 'destroyed') this.#violate('used after its destruction');
    if (this.#users >= this.#places) this.#violate(`used by more than ${this.#places} at once`);
    if (this.#state === 'dead') throw new Error(`resource ${this.id} is dead`);
    this.#uses++;
    this.#users++;
    try {
      return (await fn?.()) as T;
    } finally {
      this.#users--;
    }
  }

  /** Uses the resource for `ms` milliseconds. */
  work(ms: number): Promise<void> {
    return this.use(() => new Promise<void>((resolve) => void this.#clock.setTimeout(resolve, ms)));
  }

  /** Breaks the resource, as a lost connection would: uses in progress go on, every further one rejects. */
  die(): void {
    if (this.#state === 'alive') this.#state = 'dead';
  }

  /** Destroys the resource while `during` runs. Settles like `during`; the resource is gone even if that rejects. */
  async destroy(during?: () => PromiseLike<void>): Promise<void> {
    if (this.#state === 'destroying' || this.#state === 'destroyed') this.#violate('destroyed twice');
    this.#state = 'destroying';
    try {
      await during?.();
    } finally {
      this.#state = 'destroyed';
    }
  }

  #violate(what: string): never {
    const message = `resource ${this.id} was ${what}`;
    this.#onViolation(message);
    throw new Error(message);
  }
}
