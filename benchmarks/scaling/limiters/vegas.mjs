// TCP Vegas (Brakmo and Peterson, 1995) as Netflix's concurrency-limits has it: of the tasks that run, limit · (1 − least duration ÷
// duration) queue at the bottleneck. It grows below alpha of these and shrinks above beta, by log10 of the limit; below one such step
// it grows by beta at once. The original's alpha and beta are constants; Netflix's grow with the logarithm.

import { openLimited } from './limited.mjs';

const ALPHA = 3;
const BETA = 6;

function vegas() {
  let least = Infinity;
  return ({ duration, running, limit }) => {
    least = Math.min(least, duration);
    if (running * 2 < limit) return limit; // the load is what limits
    const unit = Math.max(1, Math.log10(limit));
    const queue = Math.ceil(limit * (1 - least / duration));
    if (queue <= unit) return limit + BETA * unit;
    if (queue < ALPHA * unit) return limit + unit;
    return queue > BETA * unit ? limit - unit : limit;
  };
}

export default {
  name: 'vegas',
  title: 'Vegas',
  open: (run) => openLimited(run, vegas()),
};
