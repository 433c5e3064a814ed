import { systemClock } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';

/** `dead`: broken but not yet destroyed. */
export type FakeResourceState = 'alive' | 'dead' | 'destroying' | 'destroyed';

/** Options of a {@link FakeResource}. */
export interface FakeResourceOptions {
  /** Its number. Default 1. */
  readonly id?: number;
  /** How many may use it at once. Default 1. */
  readonly places?: number;
  /** Time for `work()`. Default: the clock of the runtime. */
  readonly clock?: Clock;
  /** Called with every misuse, in words; the misuse itself rejects, too. Default: ignored. */
  readonly onViolation?: (message: string) => void;
}

/**
 * A resource that notices when it is treated wrongly: used after its destruction began, used by more at once than it
 * has places, destroyed twice.
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

  /** Uses begun so far. */
  get uses(): number {
    return this.#uses;
  }

  /** Uses under way. */
  get users(): number {
    return this.#users;
  }

  /** Uses it while `fn` runs. Rejects if it is dead, being or been destroyed, or has no free place. */
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

  /** Uses it for `ms` milliseconds. */
  work(ms: number): Promise<void> {
    return this.use(() => new Promise<void>((resolve) => void this.#clock.setTimeout(resolve, ms)));
  }

  /** Breaks it, as a lost connection would: uses under way go on, every further one rejects. */
  die(): void {
    if (this.#state === 'alive') this.#state = 'dead';
  }

  /** Destroys it; `during` is what that takes. Settles like `during`, after which the resource is gone even so. */
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
