// What most pools of connections do, generic-pool among them: make one whenever somebody waits and none is idle or on
// its way, and destroy one that has been idle for long. Since the manager gives work to the most recently used worker,
// that is as many workers as tasks were there at once within that time.

import { openManager } from './tasker.mjs';
import { Window } from './window.mjs';

/** As pg-pool has it by default; generic-pool says 30 s. */
const IDLE_TIMEOUT = 10_000;

function noneIdle() {
  const demand = new Window(IDLE_TIMEOUT);
  return ({ now, queued, running }) => {
    demand.add(now, queued + running);
    return demand.max();
  };
}

export default {
  name: 'none-idle',
  title: 'one for each that waits, idle 10 s',
  open: (run) => openManager(run, { scaling: noneIdle() }),
};
