import type { AsyncScope } from '../primitives/async-scope.ts';
import { describe } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import { Suspension } from '../primitives/suspension.ts';
import type { DestroyReason } from './resource.ts';

/** The hooks and limits that keep a resource fit, all optional; durations in ms, `validateTimeout` bounds both hooks. */
export interface UpkeepOptions<R> {
  readonly validate: ((resource: R) => boolean | PromiseLike<boolean>) | undefined;
  readonly validateAfter: number;
  readonly validateTimeout: number;
  readonly onRelease: ((resource: R) => void | PromiseLike<unknown>) | undefined;
  readonly keepAlive: number;
  readonly maxAge: number;
  readonly maxUses: number;
  readonly clock: Clock;
  readonly scope: AsyncScope | undefined;
}

/** What upkeep needs to know of a resource. */
export interface Kept<R> {
  readonly value: R;
  /** Who uses it now. */
  readonly users: number;
  /** Uses so far. */
  readonly uses: number;
  /** When it is too old, as {@link Upkeep.time} tells it; Infinity = never. */
  readonly expiresAt: number;
  /** When it was last used or validated, likewise. */
  readonly fitAt: number;
  /** Whether it has been validated since its last use. */
  readonly isValidated: boolean;
}

/** Why a resource cannot be used as it is: to be validated first, or to be retired for that reason. */
export type Unfit = 'validate' | DestroyReason;

/** Told what the hooks do wrong. */
export type UpkeepFailure = (hook: 'validate' | 'onRelease', error: unknown) => void;

/** A validation is slow once it has taken this many times as long as they do on average. */
const SLOW = 2;

/** Weight of the newest validation in the average. */
const VALIDATION_WEIGHT = 0.1;

/** Lifetimes are spread over the last tenth of `maxAge`, so that resources made together don't expire together. */
const AGE_SPREAD = 0.1;

/** What happens to a resource between two tasks: reset, age, uses, validation. */
export class Upkeep<R> {
  /** Whether there is anything to do between two tasks. */
  readonly isNeeded: boolean;
  readonly #options: UpkeepOptions<R>;
  readonly #failed: UpkeepFailure;
  readonly #suspension: Suspension;
  /** Whether it matters how old or how long idle a resource is. */
  readonly #isTimed: boolean;
  /** Ends each hook that is being waited for. */
  readonly #pending = new Set<() => void>();
  /** How long validations that say yes take on average, ms; 0 before the first. */
  #validationTime = 0;

  constructor(options: UpkeepOptions<R>, failed: UpkeepFailure) {
    this.#options = options;
    this.#failed = failed;
    this.#suspension = new Suspension(options.clock);
    const { validate, onRelease, maxAge, maxUses } = options;
    this.isNeeded = validate !== undefined || onRelease !== undefined || maxAge < Infinity || maxUses < Infinity;
    this.#isTimed = validate !== undefined || maxAge < Infinity;
  }

  /** The time by which resources age: it goes on while the computer sleeps, which the clock may not. */
  time(now: number): number {
    return this.#isTimed ? now + this.#suspension.total() : now;
  }

  /** When a resource made now will be too old: between 90 % and 100 % of `maxAge` from now. */
  expiry(now: number): number {
    return this.time(now) + this.#options.maxAge * (1 - AGE_SPREAD * Math.random());
  }

  /**
   * What keeps the resource from another task, or an idle one from idling on; undefined if nothing does.
   *
   * One that was never used is not too old for its first task: a `maxAge` shorter than the way to that would make and destroy
   * resources for ever.
   */
  unfitFor(purpose: 'task' | 'idling', resource: Kept<R>, now: number): Unfit | undefined {
    if (resource.uses >= this.#options.maxUses) return 'uses';
    const mayBeTooOld = resource.uses > 0 || purpose === 'idling';
    if (mayBeTooOld && this.time(now) >= resource.expiresAt) return 'age';
    const mustValidate = purpose === 'task' ? this.#mustValidate(resource, now) : this.dueAt(resource) <= now;
    return mustValidate ? 'validate' : undefined;
  }

  /**
   * Whether the resource has to be validated before its next use: it has been idle for longer than `validateAfter`, or
   * that is 0 and it was used since. A validation is good for the instant in which it ends, whatever `validateAfter` says.
   */
  #mustValidate(resource: Kept<R>, now: number): boolean {
    const { validate, validateAfter } = this.#options;
    if (validate === undefined || resource.users > 0) return false;
    return this.time(now) - resource.fitAt > validateAfter || (validateAfter === 0 && !resource.isValidated);
  }

  /** When, by the clock, an idle resource next needs a look: its age, or keeping it alive. Infinity = never. */
  dueAt(resource: Kept<R>): number {
    return Math.min(resource.expiresAt, resource.fitAt + this.#options.keepAlive) - this.time(0);
  }

  /** Tasks that a resource may be used for. */
  get maxUses(): number {
    return this.#options.maxUses;
  }

  /** Whether there is a reset between tasks. */
  get hasRelease(): boolean {
    return this.#options.onRelease !== undefined;
  }

  /** Calls `onRelease`; resolves with whether it ended well and in time. Never rejects. */
  release(resource: Kept<R>): Promise<boolean> {
    const { onRelease } = this.#options;
    if (onRelease === undefined) return Promise.resolve(true);
    return this.#bounded('onRelease', async () => {
      await onRelease(resource.value);
      return true;
    });
  }

  /**
   * Calls `validate`; resolves with whether it said yes in time. Never rejects. `onSlow` is called when it takes much
   * longer than it usually does.
   */
  async validate(resource: Kept<R>, onSlow: () => void): Promise<boolean> {
    const { validate, clock } = this.#options;
    if (validate === undefined) return true;
    const startedAt = clock.now();
    const slow = clock.setTimeout(onSlow, SLOW * this.#validationTime);
    const isFit = await this.#bounded('validate', async () => {
      const answer: unknown = await validate(resource.value);
      if (typeof answer === 'boolean') return answer;
      this.#failed(
        'validate',
        new TypeError(`validate must return a boolean, or a promise of one, got ${describe(answer)}`),
      );
      return Boolean(answer);
    });
    clock.clearTimeout(slow);
    if (isFit) this.#validationTime += (clock.now() - startedAt - this.#validationTime) * VALIDATION_WEIGHT;
    return isFit;
  }

  /** Waits for no hook any more: their resources are gone. */
  close(): void {
    for (const giveUp of [...this.#pending]) giveUp();
  }

  #bounded(hook: 'validate' | 'onRelease', call: () => Promise<boolean>): Promise<boolean> {
    const { clock, scope, validateTimeout } = this.#options;
    return new Promise((resolve) => {
      let isOver = false;
      const end = (isFit: boolean, error?: unknown): void => {
        if (isOver) return;
        isOver = true;
        this.#pending.delete(giveUp);
        clock.clearTimeout(timer);
        if (!isFit && error !== undefined) this.#failed(hook, error);
        resolve(isFit);
      };
      const timer = clock.setTimeout(() => {
        end(false, new Error(`${hook} took longer than validateTimeout, ${validateTimeout} ms`));
      }, validateTimeout);
      const giveUp = (): void => end(false);
      this.#pending.add(giveUp);
      const result = scope === undefined ? call() : scope.runInAsyncScope(call, undefined);
      result.then(
        (isFit) => end(isFit),
        (error: unknown) => end(false, error ?? new Error(`${hook} was rejected with undefined`)),
      );
    });
  }
}
