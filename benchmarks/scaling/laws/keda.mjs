// KEDA with a queue: one worker for so many tasks, waiting or running, by way of the horizontal pod autoscaler. Defaults
// of their documentations, the times divided by 20: they are made for pods, which take seconds to start.

import { openManager } from './tasker.mjs';
import { Window } from './window.mjs';

const TASKS_PER_WORKER = 5;
const SYNC = 15_000 / 20;
/** It goes down to the highest number that was asked for in that time. */
const STABILIZATION = 300_000 / 20;
/** Up by as many as there are, or by four, in one step. */
const MOST_AT_ONCE = 4;
/** A smaller difference changes nothing. */
const TOLERANCE = 0.1;

function keda() {
  const asked = new Window(STABILIZATION);
  let wanted = 0;
  let nextAt = -Infinity;
  return ({ now, queued, running, workers, workerCount, maxWorkerCount }) => {
    if (now < nextAt) return wanted;
    nextAt = now + SYNC;
    const needed = Math.ceil((queued + running) / TASKS_PER_WORKER);
    const isNear = Math.abs(needed / workers - 1) <= TOLERANCE;
    asked.add(now, Math.min(maxWorkerCount, Math.max(workerCount, isNear ? workers : needed)));
    wanted = Math.min(asked.max(), workers + Math.max(workers, MOST_AT_ONCE));
    return wanted;
  };
}

export default {
  name: 'keda',
  title: 'KEDA: one for every 5 tasks',
  open: (run) => openManager(run, { scaling: keda() }),
};
