import { unref } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { RateLimiter } from '../primitives/gcra.ts';
import type { Cost, RateLimit } from '../primitives/gcra.ts';
import type { Throttled } from '../reports/events.ts';

/** The shortest time between two events, ms. */
const TELL_EVERY = 1_000;

/**
 * Holds waiting tasks back until their time has come: the rates of the manager, and its pause after an overload. What concerns one key
 * only is with the keys of the queue.
 *
 * Nothing is reserved: whoever comes first when it opens starts, so that priorities decide then. There is one timer, armed only while
 * tasks wait for their time, also where no worker is free for them: one may have to be made then.
 */
export class Throttle {
  /** Whether time may hold anything back; mostly not, and then nobody need ask. */
  isActive: boolean;
  readonly isRated: boolean;
  /** Whether a task of `runTask` waits for its time: it is first. Written by `DirectLine`. */
  isClaimed = false;
  #pausedUntil = -Infinity;
  /** When the timer fires; Infinity while it is not armed. */
  timerAt: number = Infinity;
  #timer: unknown = undefined;
  /** When what was told last. */
  #toldAt = -Infinity;
  #told: Throttled['reason'] | undefined = undefined;
  readonly #clock: Clock;
  readonly #rate: RateLimiter | undefined;
  readonly #owner: ThrottleOwner;

  constructor({ clock, rate }: ThrottleOptions, owner: ThrottleOwner) {
    this.#clock = clock;
    this.#rate = rate.length > 0 ? new RateLimiter(rate) : undefined;
    this.isRated = this.isActive = rate.length > 0;
    this.#owner = owner;
  }

  /** Nothing starts before `until`. */
  pause(until: number): void {
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.isActive = true;
  }

  /** From when on a task of that cost may start; undefined = what they cost in the mean. */
  opensAt(cost: Cost | undefined): number {
    return Math.max(this.#pausedUntil, this.#rate?.opensAt(cost) ?? -Infinity);
  }

  /** Whether a task of that cost, the first of those that wait, may start now; if not, they are asked again when it may. */
  passes(cost: Cost, now: number): boolean {
    const opensAt = this.opensAt(cost);
    if (opensAt > now) {
      this.wait(opensAt, now, opensAt === this.#pausedUntil ? 'overload' : 'rate');
      return false;
    }
    if (!this.isRated && now >= this.#pausedUntil) this.isActive = false;
    return true;
  }

  /** A task starts. */
  started(cost: Cost, now: number): void {
    this.#rate?.take(cost, now);
  }

  /** Has those that wait asked again at `at`. */
  wait(at: number, now: number, reason: Throttled['reason']): void {
    if (at <= now) {
      this.#owner.opened(); // meanwhile
      return;
    }
    // Another reason than before is told as soon as it may be: until a pause is over nobody else asks.
    const tellAt = this.#toldAt + TELL_EVERY;
    this.#arm(now < tellAt && reason !== this.#told ? Math.min(at, tellAt) : at, now);
    if (now < tellAt) return;
    this.#toldAt = now;
    this.#told = reason;
    this.#owner.throttled(reason, at - now); // last: who listens may do anything, even end all that waits
  }

  /** Has those who wait for room in the queue asked again when one more task may start; false if one may now. */
  waitForRoom(now: number): boolean {
    const at = this.opensAt(undefined);
    if (at > now) this.#arm(at, now);
    return at > now;
  }

  #arm(at: number, now: number): void {
    if (at >= this.timerAt) return;
    this.rest();
    this.timerAt = at;
    this.#timer = this.#clock.setTimeout(this.#open, at - now);
    unref(this.#timer, 'running'); // what waits keeps the process alive itself
  }

  /** Nobody waits any more. */
  rest(): void {
    if (this.timerAt < Infinity) this.#clock.clearTimeout(this.#timer);
    this.#fired();
  }

  #fired(): void {
    this.#timer = undefined;
    this.timerAt = Infinity;
  }

  readonly #open = (): void => {
    this.#fired();
    this.#owner.opened();
  };

  /** How many tasks may start from now on within `patience` ms, if the first of them has that cost, by default what they cost in the mean. */
  countWithin(patience: number, now: number, cost?: Cost): number {
    const until = now + patience;
    if (this.opensAt(cost) > until) return 0;
    const from = Math.max(now, this.#pausedUntil);
    return this.#rate === undefined ? Infinity : Math.max(1, this.#rate.count(from, until));
  }

  /** How many tasks may start per second in the long run. */
  get perSecond(): number {
    return this.#rate?.perSecond ?? Infinity;
  }
}

/** The part of the configuration that concerns rates. */
export interface ThrottleOptions {
  readonly clock: Clock;
  /** Rates of all starts; none where there is no limit. */
  readonly rate: readonly RateLimit[];
}

/** Callbacks of {@link Throttle}. */
export interface ThrottleOwner {
  /** Those that wait may start now, or are to ask again. */
  opened(): void;
  /** Tasks wait for `delay` ms, for the reason given; told once a second at most. */
  throttled(reason: Throttled['reason'], delay: number): void;
}
