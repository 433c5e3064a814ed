/** Failed creations in a row after which only one probe at a time is let through. */
const THRESHOLD = 3;

/** A new resource that has lived so long was no failure. Milliseconds. */
const PROVEN_AFTER = 1000;

/** However short a backoff is, the event loop has its turn before the next attempt. Milliseconds. */
const MIN_BACKOFF = 1;

/** One attempt to make a resource. */
export interface Attempt {
  /** Its place among all attempts: two that begin in one instant of the clock still have an order. */
  readonly number: number;
  readonly startedAt: number;
  /** Whether it was let through a broken circuit. */
  readonly isProbe: boolean;
  /** Set by the breaker when the attempt has ended, in whichever way. */
  isOver: boolean;
}

/** Stands for each attempt that no breaker counts. */
export const UNCOUNTED: Attempt = { number: 0, startedAt: 0, isProbe: false, isOver: true };

/**
 * Keeps failing creations from spinning: backoff after each failure, and after three in a row one probe at a time.
 *
 * - closed (fewer than three failures in a row): any number of creations, once the backoff has passed.
 * - open: no creation until the backoff has passed, then one; the next one when that has ended.
 *
 * Failures of creations that ran side by side are one step of the backoff. A creation proves itself when its resource
 * is used or has lived for one second; that closes the circuit. One that came up and is useless before that counts as failed.
 * Source: M. Nygard, "Release It!", circuit breaker; the single probe is its half-open state.
 */
export class CreateBreaker {
  readonly #backoff: (failures: number) => number;
  #failures = 0;
  #steps = 0;
  #attempts = 0;
  #failedAt = -Infinity;
  /** Attempts begun before the last step of the backoff: those run side by side with the one that failed. */
  #before = 0;
  #nextAt = -Infinity;
  #probes = 0;
  /** When the oldest creation ended well that has not failed since. */
  #openedAt = Infinity;

  /** `backoff` gives the ms to wait after that number of failures in a row; it must not throw. */
  constructor(backoff: (failures: number) => number) {
    this.#backoff = backoff;
  }

  /** How many creations may begin now. */
  allowance(now: number): number {
    this.#settle(now);
    if (now < this.#nextAt) return 0;
    if (this.#failures < THRESHOLD) return Infinity;
    return this.#probes === 0 ? 1 : 0;
  }

  /** Milliseconds until the backoff has passed; 0 if it has. */
  delay(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** A creation begins. */
  begin(now: number): Attempt {
    const isProbe = this.#failures >= THRESHOLD;
    if (isProbe) this.#probes++;
    return { number: ++this.#attempts, startedAt: now, isProbe, isOver: false };
  }

  /** It ended well, so far. */
  succeeded(attempt: Attempt, now: number): void {
    this.forget(attempt);
    this.#openedAt = Math.min(this.#openedAt, now);
  }

  /** It failed. */
  failed(attempt: Attempt, now: number): void {
    this.forget(attempt);
    this.#fail(attempt, now);
  }

  /** It was given up and says nothing about the next one. */
  forget(attempt: Attempt): void {
    if (attempt.isProbe && !attempt.isOver) this.#probes--;
    attempt.isOver = true;
  }

  /** A resource died unused: its creation has failed after all (true), unless it has lived long enough since `openedAt`. */
  died(attempt: Attempt, openedAt: number, now: number): boolean {
    if (now - openedAt >= PROVEN_AFTER) return false;
    this.#fail(attempt, now);
    return true;
  }

  /** A resource that came up at `openedAt` was used: if that was after the last failure, creation works again. */
  proven(openedAt: number): void {
    if (openedAt < this.#failedAt) return;
    this.#failures = 0;
    this.#steps = 0;
    this.#nextAt = -Infinity;
    this.#openedAt = Infinity;
  }

  #fail(attempt: Attempt, now: number): void {
    this.#settle(now);
    this.#openedAt = Infinity;
    this.#failures++;
    if (attempt.number <= this.#before) return;
    this.#failedAt = now;
    this.#before = this.#attempts;
    this.#steps++;
    this.#nextAt = now + Math.max(MIN_BACKOFF, this.#backoff(this.#steps));
  }

  #settle(now: number): void {
    if (now - this.#openedAt >= PROVEN_AFTER) this.proven(now);
  }
}
