// What the best fixed number of running tasks reaches at a bottleneck, the oracle of these loads, and where the knee is.

import { Crowd } from './bottlenecks.mjs';
import { throughput } from './figures.mjs';

/** The fewest that reach this part of the best throughput are the knee: beyond it, more bring next to nothing. */
const NEARLY = 0.98;

/** `{ throughput, size, knee }` of the load with these tasks: tasks per second, and with how many at once. */
export function bestFixed(load, tasks) {
  const { workerCount, maxWorkerCount, tasksPerWorker = 1 } = load.config;
  const most = maxWorkerCount * tasksPerWorker;
  const reached = Array.from({ length: most }, (_, index) => throughput(load, runFixed(load, tasks, index + 1)));
  const best = Math.max(...reached);
  const knee = reached.findIndex((each) => each >= NEARLY * best) + 1;
  return { throughput: best, size: reached.indexOf(best) + 1, knee: Math.max(workerCount * tasksPerWorker, knee) };
}

/** When each task ends if `size` run at once, first come, first served; NaN if not before the overload ends. */
function runFixed({ bottleneck, overload }, tasks, size) {
  const crowd = new Crowd(bottleneck);
  const ends = new Float64Array(tasks.length).fill(NaN);
  let [arrived, started, ended] = [0, 0, 0];
  for (;;) {
    const now = Math.min(crowd.nextAt, tasks[arrived]?.at ?? Infinity);
    if (now > overload.to) return ends;
    for (const index of crowd.advance(now)) {
      ends[index] = now;
      ended++;
    }
    while (arrived < tasks.length && tasks[arrived].at <= now) arrived++;
    for (; started < arrived && started - ended < size; started++) crowd.add(started, tasks[started].service);
  }
}
