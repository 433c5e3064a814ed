import type { AsyncScope } from '../primitives/async-scope.ts';
import { describe } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import { Suspension } from '../primitives/suspension.ts';
import { adopt, thenOf } from '../primitives/thenable.ts';
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

type Hook = 'validate' | 'onRelease';

/** Told what the hooks do wrong. */
export type UpkeepFailure = (hook: Hook, error: unknown) => void;

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

  /** How often at most an idle resource is due, ms. */
  get period(): number {
    return Math.min(this.#options.maxAge, this.#options.keepAlive);
  }

  /** The time by which resources age: it goes on while the computer sleeps, which the clock may not. */
  time(now: number): number {
    return this.#isTimed ? now + this.#suspension.total(now) : now;
  }

  /** The same for the end of a task, without a look: a sleep during the task counts as if it came after. */
  leftAt(now: number): number {
    return now + this.#suspension.noticed;
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
    const mayBeTooOld = resource.expiresAt < Infinity && (resource.uses > 0 || purpose === 'idling');
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
    const at = Math.min(resource.expiresAt, resource.fitAt + this.#options.keepAlive);
    return at === Infinity ? Infinity : at - this.#suspension.total();
  }

  /** Tasks that a resource may be used for. */
  get maxUses(): number {
    return this.#options.maxUses;
  }

  /** Whether there is a reset between tasks. */
  get hasRelease(): boolean {
    return this.#options.onRelease !== undefined;
  }

  /** Whether each use is preceded by a validation, unless others use the resource, too. */
  get validatesAlways(): boolean {
    return this.#options.validate !== undefined && this.#options.validateAfter === 0;
  }

  /** Calls `onRelease`, `now`; tells whether it ended well and in time, at once if it is not async. Never throws or rejects. */
  release(resource: Kept<R>, now: number): boolean | Promise<boolean> {
    const { onRelease } = this.#options;
    return onRelease === undefined || this.#ask('onRelease', onRelease, resource.value, now, isWell);
  }

  /**
   * Calls `validate`; tells whether it said yes in time, at once if it is not async. Never throws or rejects. `onSlow` is called
   * when it takes much longer than it usually does.
   */
  validate(resource: Kept<R>, onSlow: () => void): boolean | Promise<boolean> {
    const { validate, clock } = this.#options;
    if (validate === undefined) return true;
    const startedAt = clock.now();
    const isFit = this.#ask('validate', validate, resource.value, startedAt, this.#isYes);
    if (typeof isFit === 'boolean') return this.#validated(isFit, startedAt);
    const slow = clock.setTimeout(onSlow, this.#left(SLOW * this.#validationTime, startedAt));
    return isFit.then((answer) => {
      clock.clearTimeout(slow);
      return this.#validated(answer, startedAt);
    });
  }

  #validated(isFit: boolean, startedAt: number): boolean {
    const duration = this.#options.clock.now() - startedAt;
    if (isFit) this.#validationTime += (duration - this.#validationTime) * VALIDATION_WEIGHT;
    return isFit;
  }

  readonly #isYes = (answer: unknown): boolean => {
    if (typeof answer === 'boolean') return answer;
    this.#failed(
      'validate',
      new TypeError(`validate must return a boolean, or a promise of one, got ${describe(answer)}`),
    );
    return Boolean(answer);
  };

  /** Waits for no hook any more: their resources are gone. */
  close(): void {
    for (const giveUp of [...this.#pending]) giveUp();
  }

  /** Calls a hook. Only one that is async has a timer, and a promise. */
  #ask(
    hook: Hook,
    call: (value: R) => unknown,
    value: R,
    calledAt: number,
    read: (answer: unknown) => boolean,
  ): boolean | Promise<boolean> {
    const { scope } = this.#options;
    try {
      const answer = scope === undefined ? call(value) : scope.runInAsyncScope(call, undefined, value);
      const then = thenOf(answer);
      if (then === undefined) return read(answer);
      return this.#bounded(hook, adopt(answer, then, scope).then(read), calledAt);
    } catch (error) {
      this.#failed(hook, error ?? new Error(`${hook} threw undefined`));
      return false;
    }
  }

  #bounded(hook: Hook, answer: Promise<boolean>, calledAt: number): Promise<boolean> {
    const { clock, validateTimeout } = this.#options;
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
      const timer = clock.setTimeout(
        () => end(false, new Error(`${hook} took longer than validateTimeout, ${validateTimeout} ms`)),
        this.#left(validateTimeout, calledAt),
      );
      const giveUp = (): void => end(false);
      this.#pending.add(giveUp);
      answer.then(
        (isFit) => end(isFit),
        (error: unknown) => end(false, error ?? new Error(`${hook} was rejected with undefined`)),
      );
    });
  }

  /** What is left of `ms` that began then. */
  #left(ms: number, since: number): number {
    return Math.max(0, ms - (this.#options.clock.now() - since));
  }
}

const isWell = (): boolean => true;
