// The time of a run: virtual, or that of the runtime. The rivals use the global timers, so virtual time replaces these, for all
// contestants alike, and before any of them is loaded.

import { install } from '@sinonjs/fake-timers';

/**
 * Resolves when `ending` has, when `patience` ms have passed, or when nothing can happen any more.
 * @typedef {{ runUntil: (ending: Promise<unknown>, patience: number) => Promise<unknown> }} Time
 */

/** `setImmediate` stays what it is: a turn of the event loop takes no time. */
const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'Date',
  'hrtime',
  'performance',
];

/**
 * Replaces the global timers and clocks.
 * @returns {Time}
 */
export function virtualTime() {
  const clock = install({ now: Date.UTC(2026, 0, 1), toFake: FAKED });
  return {
    async runUntil(ending, patience) {
      const end = clock.now + patience;
      let isOver = false;
      void ending.then(() => {
        isOver = true;
      });
      await turn();
      while (!isOver && clock.countTimers() > 0 && clock.now < end) {
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
