// Who takes part: names of packages, each with what of it is tried. A contestant is a module in `contestants/`. Its `open(api)`
// returns `{ run(call) }`, whose promise settles when the task has; `settings` says in words what it is set to, `unknown` what
// it does if the rate is not known.

export const OURS = 'tasker';

export const contestants = [
  OURS,
  'tasker without rate',
  'p-queue',
  'p-queue spread',
  'bottleneck',
  'p-throttle',
  'limiter',
];

/** The module of a contestant. */
export const moduleOf = (contestant) => import(`./contestants/${contestant.replaceAll(' ', '-')}.mjs`);

/** How many calls may be under way, where a library limits that: at 100 a second some five are. */
export const CONCURRENCY = 20;

/** What somebody supposes who has to set a rate and knows none. */
export const GUESS = { limit: 100, interval: 1_000, burst: 1 };
