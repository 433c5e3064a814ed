// Gradient2 of Netflix's concurrency-limits: the limit times 1.5 · long-term ÷ present duration, at least a half and at most one, and
// four more that may queue; a fifth of the way at each step. The long-term duration is an average over 600 windows, and comes down
// by itself where it is more than twice the present one. Defaults of its documentation.

import { openLimited } from './limited.mjs';

const TOLERANCE = 1.5;
const QUEUE = 4;
const SMOOTHING = 0.2;
const LONG = 600;
/** So many first windows make a plain mean. */
const WARM_UP = 10;
const RECOVERY = 0.95;

function gradient2() {
  let windows = 0;
  let long = 0;
  return ({ duration, running, limit }) => {
    windows++;
    long += (duration - long) * (windows <= WARM_UP ? 1 / windows : 2 / (LONG + 1));
    if (long > 2 * duration) long *= RECOVERY;
    if (running * 2 < limit) return limit; // the load is what limits
    const gradient = Math.min(1, Math.max(0.5, (TOLERANCE * long) / duration));
    return limit + SMOOTHING * (gradient * limit + QUEUE - limit);
  };
}

export default {
  name: 'gradient2',
  title: 'Gradient2',
  open: (run) => openLimited(run, gradient2()),
};
