/**
 * A source of time. Everything that waits or measures uses one, so that a test can pass a virtual one.
 *
 * A handle may have `ref()` and `unref(why)` methods, as Node's timers do; see {@link unref}.
 */
export interface Clock {
  /** Milliseconds since the clock's own origin, with fractions; never goes back. */
  now(): number;
  /** Calls `fn` once, `ms` milliseconds from now, never inside this call. Returns a handle for `clearTimeout`. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Disarms a timer; does nothing if it has fired, was disarmed or is undefined. */
  clearTimeout(handle: unknown): void;
}

/**
 * Why a timer does not keep the process alive: it serves nobody but an idle manager (`idle`: retirement of spare
 * workers, ticks), or it bounds a running task, which keeps the process alive itself if it must (`running`: deadlines, graces).
 * Real clocks treat both alike; a virtual one stops running by itself when only `idle` timers are left.
 */
export type UnrefReason = 'idle' | 'running';

interface Refable {
  ref?(): unknown;
  unref?(why: UnrefReason): unknown;
}

/** Deno's timers are numbers, and ref'ed by functions. */
interface DenoTimers {
  refTimer?(id: number): void;
  unrefTimer?(id: number): void;
}

const deno = (): DenoTimers | undefined => (globalThis as { Deno?: DenoTimers }).Deno;

/** Lets a timer keep the process alive (the default of a fresh one), where the runtime knows such a thing. */
export function ref(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null) (handle as Refable).ref?.();
  else if (typeof handle === 'number') deno()?.refTimer?.(handle);
}

/** Lets the process end although the timer is armed, where the runtime knows such a thing. */
export function unref(handle: unknown, why: UnrefReason = 'idle'): void {
  if (typeof handle === 'object' && handle !== null) (handle as Refable).unref?.(why);
  else if (typeof handle === 'number') deno()?.unrefTimer?.(handle);
}

/**
 * What the runtime has when this module is loaded: fake timers that are installed later, as those of Jest and Vitest, stop no
 * manager. Whoever wants to drive one by them passes a clock.
 */
const { clearInterval, clearTimeout, performance, setInterval, setTimeout } = globalThis;
const now: () => number = performance.now.bind(performance);

/** The longest delay of a runtime's own timer, 24.8 days; it fires a longer one at once. */
const MAX_DELAY = 2 ** 31 - 1;

type Timer = ReturnType<typeof setTimeout>;

/** A timer beyond {@link MAX_DELAY}: waits in steps. With an infinite delay it is never armed. */
class LongTimer {
  #timer: Timer | undefined = undefined;
  #isRef = true;
  readonly #fn: () => void;

  constructor(fn: () => void, ms: number) {
    this.#fn = fn;
    if (ms !== Infinity) this.#arm(ms);
  }

  #arm(left: number): void {
    const step = Math.min(left, MAX_DELAY);
    this.#timer = setTimeout(() => {
      if (left > step) this.#arm(left - step);
      else this.#fn();
    }, step);
    if (!this.#isRef) unref(this.#timer);
  }

  ref(): this {
    this.#isRef = true;
    ref(this.#timer);
    return this;
  }

  unref(): this {
    this.#isRef = false;
    unref(this.#timer);
    return this;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * The clock of the runtime: monotonic, not changed by setting the date. A delay of any length works; `Infinity` never
 * fires. As everywhere, a timer may fire late when the process is busy, and up to 1 ms early by `now()`, because
 * runtimes count timers in whole milliseconds.
 */
export const systemClock: Clock = {
  now,
  setTimeout: (fn, ms) => (ms > MAX_DELAY ? new LongTimer(fn, ms) : setTimeout(fn, Math.ceil(ms))),
  clearTimeout: (handle) => {
    if (handle instanceof LongTimer) handle.clear();
    else clearTimeout(handle as Timer | undefined);
  },
};

/**
 * A clock of the user's that never throws and never goes back: where it fails, `onError` is told, the time is the last one
 * that is known, and the timer is one of the runtime's. The clock of the runtime is taken as it is.
 */
export function reliable(clock: Clock, onError: (error: unknown) => void): Clock {
  return clock === systemClock ? clock : new ReliableClock(clock, onError);
}

/** A timer of a {@link ReliableClock}; whether it fires is ours to say, since disarming it may fail. */
interface ReliableTimer {
  isArmed: boolean;
  /** Whether it is one of the runtime's. */
  isFallback: boolean;
}

class ReliableClock implements Clock {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #timers = new Map<unknown, ReliableTimer>();
  #last = -Infinity;

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  now(): number {
    try {
      const now = this.#clock.now();
      if (now > this.#last) this.#last = now; // not if it is NaN
    } catch (error) {
      this.#onError(error);
    }
    return this.#last === -Infinity ? 0 : this.#last;
  }

  setTimeout(fn: () => void, ms: number): unknown {
    const timer = { isArmed: true, isFallback: false };
    const fire = (): void => {
      this.#timers.delete(handle);
      if (timer.isArmed) fn();
      timer.isArmed = false;
    };
    let handle: unknown;
    try {
      handle = this.#clock.setTimeout(fire, ms);
    } catch (error) {
      this.#onError(error);
      timer.isFallback = true;
      handle = systemClock.setTimeout(fire, ms);
    }
    if (timer.isArmed) this.#timers.set(handle, timer);
    return handle;
  }

  clearTimeout(handle: unknown): void {
    if (handle === undefined) return;
    const timer = this.#timers.get(handle);
    this.#timers.delete(handle);
    if (timer !== undefined) timer.isArmed = false;
    try {
      (timer?.isFallback === true ? systemClock : this.#clock).clearTimeout(handle);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** Keeps the process alive while work waits; running tasks do so by what they await themselves, or by their timeout. */
export class ProcessHold {
  /** Changed by {@link set} only. */
  isHeld = false;
  #timer: Timer | undefined = undefined;

  set(isHeld: boolean): void {
    this.isHeld = isHeld;
    clearInterval(this.#timer);
    // A timer that is over still holds the async context of whoever caused it.
    this.#timer = isHeld ? setInterval(() => {}, MAX_DELAY) : undefined;
  }
}
