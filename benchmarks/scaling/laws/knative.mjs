// Knative's autoscaler: as many as the mean number of tasks over a long window asks for, or over a short one where that
// asks for twice as many as there are ("panic"); while in panic never fewer. Defaults of its documentation, the times
// divided by 20: it is made for pods, which take seconds to start.

import { openManager } from './tasker.mjs';
import { Window } from './window.mjs';

const STABLE = 60_000 / 20;
const PANIC = 6_000 / 20;
const TICK = 2_000 / 20;
const TARGET_UTILIZATION = 0.7;
const PANIC_THRESHOLD = 2;
/** At most this part of the workers goes at a tick. */
const MAX_SCALE_DOWN = 2;

function knative() {
  const stable = new Window(STABLE);
  const panic = new Window(PANIC);
  let calmAt = -Infinity; // in panic before that
  let wanted = 0;
  let nextAt = -Infinity;
  return ({ now, queued, running, workers, workerCount }) => {
    stable.add(now, queued + running);
    panic.add(now, queued + running);
    if (now < nextAt) return wanted;
    nextAt = now + TICK;
    const byStable = Math.ceil(stable.mean(now) / TARGET_UTILIZATION);
    const byPanic = Math.ceil(panic.mean(now) / TARGET_UTILIZATION);
    if (byPanic >= PANIC_THRESHOLD * workers) calmAt = now + STABLE;
    const least = now < calmAt ? Math.max(wanted, byPanic) : Math.floor(workers / MAX_SCALE_DOWN);
    wanted = Math.max(workerCount, byStable, least);
    return wanted;
  };
}

export default {
  name: 'knative',
  title: "Knative's panic and stable windows",
  open: (run) => openManager(run, { scaling: knative() }),
};
