import type { Clock } from 'tasker';
import type { VirtualClock, VirtualTimer } from 'tasker/testing';

/** A clock for a manager under test that knows which timers are the manager's own, and not those of hooks and tasks. */
export class OwnTimers implements Clock {
  readonly #clock: VirtualClock;
  readonly #armed = new Set<unknown>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Timers of the manager that are armed. */
  get armed(): number {
    return this.#armed.size;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(fn: () => void, ms: number): VirtualTimer {
    const timer = this.#clock.setTimeout(() => {
      this.#armed.delete(timer);
      fn();
    }, ms);
    if (ms < Infinity) this.#armed.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#armed.delete(handle);
    this.#clock.clearTimeout(handle);
  }
}
