// The time of a run: virtual, or that of the runtime. The rivals use the global timers, so virtual time replaces these, for all
// contestants alike, and before any of them is loaded.

import { createClock } from '@sinonjs/fake-timers';

/**
 * Resolves when `ending` has, when `patience` ms have passed, or when nothing can happen any more.
 * @typedef {{ runUntil: (ending: Promise<unknown>, patience: number) => Promise<unknown> }} Time
 */

/** Ticks of the virtual clock in a millisecond: it counts in whole numbers, and real callbacks come at fractions. */
const TICKS = 1_000;

/** The longest delay of a timer, in ticks; half an hour. */
const LONGEST = 2 ** 31 - 1;

/**
 * Replaces the global timers and clocks by virtual ones that are as exact as Node's: a timer is counted in whole milliseconds from
 * the begun one, and its callback comes up to 1 ms after it is due, together with others that are. An interval counts from its last
 * callback. Computing takes no time. `setImmediate` stays what it is, a turn of the event loop.
 * @param {() => number} source
 * @returns {Time}
 */
export function virtualTime(source) {
  const clock = createClock();
  const now = () => clock.now / TICKS;
  const startedAt = Date.UTC(2026, 0, 1) + source(); // milliseconds of the date are not those of the timers

  /** How late callbacks come that are due in this millisecond. */
  const lateness = new Map();
  const lateAt = (due) => {
    const late = lateness.get(due) ?? source();
    lateness.set(due, late);
    return late;
  };

  const arm = (fn, ms, ...args) => {
    const due = Math.floor(now()) + (ms >= 1 ? Math.trunc(ms) : 1);
    const ticks = Math.ceil((due + lateAt(due) - now()) * TICKS);
    return clock.setTimeout(fn, Math.min(ticks, LONGEST), ...args);
  };
  const disarm = (timer) => clock.clearTimeout(timer);

  class Interval {
    #timer;

    constructor(fn, ms, args) {
      const again = () => {
        this.#timer = arm(again, ms);
        fn(...args);
      };
      this.#timer = arm(again, ms);
    }

    ref() {
      return this;
    }

    unref() {
      return this;
    }

    stop() {
      disarm(this.#timer);
    }
  }

  Object.assign(globalThis, {
    setTimeout: arm,
    clearTimeout: disarm,
    setInterval: (fn, ms, ...args) => new Interval(fn, ms, args),
    clearInterval: (interval) => interval?.stop(),
  });
  performance.now = now;
  Date.now = () => Math.floor(startedAt + now());

  return {
    async runUntil(ending, patience) {
      const end = now() + patience;
      const state = { isOver: false };
      void ending.finally(() => {
        state.isOver = true;
      });
      await turn();
      while (!state.isOver && clock.countTimers() > 0 && now() < end) {
        clock.next(); // one timer, and then all that follows from it, as in Node
        await turn();
      }
    },
  };
}

/**
 * Leaves the timers as they are.
 * @returns {Time}
 */
export const realTime = () => ({
  runUntil: (ending, patience) => Promise.race([ending, sleep(patience)]),
});

/** @returns {Promise<void>} */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
