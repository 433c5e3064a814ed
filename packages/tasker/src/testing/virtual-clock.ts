import type { Clock, UnrefReason } from '../primitives/clock.ts';
import { Heap } from '../primitives/heap.ts';
import { settle } from './macrotask.ts';

/** More timers than this in one `runAll()` is something that re-arms itself for ever. */
const MAX_TIMERS = 100_000;

/** Disarmed timers stay in the heap until they are this many and outnumber the armed ones. */
const MIN_DISARMED = 64;

/** A timer of a {@link VirtualClock}. */
export interface VirtualTimer {
  /** Marks the timer as waited for, as every timer is at first: `runAll()` runs it. */
  ref(): this;
  /**
   * Marks the timer as not waited for. `idle` (the default): `runAll()` ends when only such timers are left. `running`:
   * the timer bounds a running task, so `runAll()` runs it all the same.
   */
  unref(why?: UnrefReason): this;
}

class Timer implements VirtualTimer {
  readonly due: number;
  readonly sequence: number;
  readonly fn: () => void;
  isArmed = true;
  isIdle = false;
  readonly #clock: { setIdle(timer: Timer, isIdle: boolean): void };

  constructor(due: number, sequence: number, fn: () => void, clock: { setIdle(timer: Timer, isIdle: boolean): void }) {
    this.due = due;
    this.sequence = sequence;
    this.fn = fn;
    this.#clock = clock;
  }

  ref(): this {
    this.#clock.setIdle(this, false);
    return this;
  }

  unref(why: UnrefReason = 'idle'): this {
    this.#clock.setIdle(this, why === 'idle');
    return this;
  }
}

/**
 * A clock that stands still until it is told to go on, for tests that neither sleep nor depend on the machine.
 *
 * Timers run in the order of their due times, and those due at the same time in the order in which they were armed.
 * Before the first timer, after each and at the end all promises settle, so that everything that follows from a timer
 * has happened before the next one.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { createTaskManager } from 'tasker';
 * import { VirtualClock } from 'tasker/testing';
 *
 * const clock = new VirtualClock();
 * const manager = await createTaskManager({ ...config, clock });
 * const result = manager.queueTask(async () => slow(), { timeout: 1000 });
 * result.catch(() => {}); // it rejects while we wait for the clock
 * await clock.advance(1000);
 * await assert.rejects(result, { code: 'TIMEOUT' });
 * ```
 */
export class VirtualClock implements Clock {
  #now = 0;
  #sequence = 0;
  readonly #timers = new Heap<Timer>((a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence));
  /** Armed timers. */
  #armed = 0;
  /** Armed timers that only serve idleness. */
  #idle = 0;
  /** Settles with the last advance or run; the next waits for it. */
  #turn: Promise<void> = Promise.resolve();

  /** Number of armed timers, including idle ones. */
  get pending(): number {
    return this.#armed;
  }

  /** Virtual milliseconds since this clock was made. */
  now(): number {
    return this.#now;
  }

  /**
   * Arms a timer. If `ms` is 0, negative or NaN the timer is due at once, but runs only in {@link advance} or
   * {@link runAll}; with `Infinity` it is never due.
   */
  setTimeout(fn: () => void, ms: number): VirtualTimer {
    const timer = new Timer(this.#now + (ms > 0 ? ms : 0), this.#sequence++, fn, this.#owner);
    if (timer.due === Infinity) {
      timer.isArmed = false;
      return timer;
    }
    this.#timers.push(timer);
    this.#armed++;
    return timer;
  }

  /** Disarms a timer of this clock; anything else is ignored. */
  clearTimeout(handle: unknown): void {
    if (!(handle instanceof Timer) || !handle.isArmed) return;
    this.#disarm(handle);
    const disarmed = this.#timers.size - this.#armed;
    if (disarmed > MIN_DISARMED && disarmed > this.#armed) this.#compact();
  }

  /**
   * Lets `ms` milliseconds pass and runs the timers that become due. `advance(0)` runs those due now. A call during
   * another one waits for it. Rejects with what a timer throws, in which case the clock stands at that timer, and with
   * a `RangeError` if `ms` is negative or not finite.
   */
  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) throw new RangeError(`ms must be 0 or more, and finite, got ${ms}`);
    await this.#enqueue(async () => {
      const end = this.#now + ms;
      await settle();
      for (let timer = this.#peek(); timer !== undefined && timer.due <= end; timer = this.#peek()) {
        await this.#run(timer);
      }
      this.#now = end;
    });
  }

  /**
   * Runs timers until only idle ones are left; `now()` is then the time when all work was done. Idle timers that are
   * due before other timers run, too. Rejects after 100,000 timers instead of running forever.
   */
  async runAll(): Promise<void> {
    await this.#enqueue(async () => {
      await settle();
      let runs = 0;
      for (let timer = this.#peek(); timer !== undefined && this.#armed > this.#idle; timer = this.#peek()) {
        if (runs++ === MAX_TIMERS) throw new Error(`runAll() gave up after ${MAX_TIMERS} timers: one re-arms itself`);
        await this.#run(timer);
      }
    });
  }

  async #enqueue(run: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(run);
    this.#turn = mine.catch(() => {});
    await mine;
  }

  async #run(timer: Timer): Promise<void> {
    this.#timers.pop();
    this.#disarm(timer);
    this.#now = timer.due;
    timer.fn();
    await settle();
  }

  /** The next armed timer, which then is on top of the heap. */
  #peek(): Timer | undefined {
    let timer = this.#timers.peek();
    while (timer !== undefined && !timer.isArmed) {
      this.#timers.pop();
      timer = this.#timers.peek();
    }
    return timer;
  }

  #disarm(timer: Timer): void {
    timer.isArmed = false;
    this.#armed--;
    if (timer.isIdle) this.#idle--;
  }

  #compact(): void {
    const armed = [...this.#timers].filter((timer) => timer.isArmed);
    this.#timers.clear();
    for (const timer of armed) this.#timers.push(timer);
  }

  readonly #owner = {
    setIdle: (timer: Timer, isIdle: boolean): void => {
      if (timer.isIdle === isIdle) return;
      timer.isIdle = isIdle;
      if (timer.isArmed) this.#idle += isIdle ? 1 : -1;
    },
  };
}
