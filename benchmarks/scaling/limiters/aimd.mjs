// Additive increase, multiplicative decrease (Chiu and Jain, 1989), as Netflix's concurrency-limits has it: one more, or a tenth less
// where a duration is above a fixed timeout. Nothing is refused here, so the timeout is all that it has to go by, and we give it the
// one that who knows the tasks would choose: twice what they take alone.

import { meanService } from '../tasks.mjs';
import { openLimited } from './limited.mjs';

const TOLERANCE = 2;
const BACKOFF = 0.9;

function aimd(load) {
  const timeout = TOLERANCE * meanService(load);
  return ({ duration, running, limit }) => {
    if (duration > timeout) return limit * BACKOFF;
    return running * 2 < limit ? limit : limit + 1;
  };
}

export default {
  name: 'aimd',
  title: 'AIMD',
  open: (run) => openLimited(run, aimd(run.load)),
};
