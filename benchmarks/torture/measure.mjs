// What the scenarios measure with.

import { createTaskManager } from 'tasker';

/** A manager with one worker and no more, and whatever is said otherwise. */
export const openTasker = (config) =>
  createTaskManager({
    onCreate: () => ({}),
    onDestroy: () => {},
    workerCount: 1,
    maxWorkerCount: 1,
    resourcePoolSize: 0,
    ...config,
  });

/** Resolves after `ms`, and keeps the process alive until then. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A use that does nothing. */
export const nothing = async () => {};

/** A use that finds its resource broken. */
export const breaks = async () => {
  throw Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' });
};

/** Never settles. */
export const forever = () => new Promise(() => {});

/**
 * What becomes of `promise` within `limit` ms: `{ state: 'fulfilled' | 'rejected' | 'pending', ms, value?, error? }`.
 * Never rejects.
 */
export function outcomeOf(promise, limit) {
  const start = performance.now();
  const elapsed = () => Math.round(performance.now() - start);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ state: 'pending', ms: elapsed() }), limit);
    const settle = (outcome) => {
      clearTimeout(timer);
      resolve({ ms: elapsed(), ...outcome });
    };
    Promise.resolve(promise).then(
      (value) => settle({ state: 'fulfilled', value }),
      (error) => settle({ state: 'rejected', error }),
    );
  });
}

/** How many of `outcomes` are in `state`. */
export const count = (outcomes, state) => outcomes.filter((outcome) => outcome.state === state).length;

/** What becomes of `times` uses, one after the other, each after a pause of so many ms. */
export async function useInTurn(use, times, pause = 0) {
  const outcomes = [];
  for (let turn = 0; turn < times; turn += 1) {
    await sleep(pause);
    outcomes.push(await outcomeOf(use(nothing), 1_000));
  }
  return outcomes;
}

/** The verdict over users who came later: the last of them must be served. */
export function judgeLater(outcomes) {
  const served = count(outcomes, 'fulfilled');
  return {
    right: outcomes.at(-1).state === 'fulfilled',
    outcome: `${served} of ${outcomes.length} later users served${served === 0 ? ', the place is lost' : ''}`,
  };
}
