// What somebody could reach who knows the future: the waits of a pool that is always full, and the least cost at which
// its schedule can be kept.

import { meanCreation } from './tasks.mjs';

/** `{ waits, ends, cost }` of the load with these tasks; cost in worker-seconds up to the horizon. */
export function oracle(load, tasks) {
  const schedule = runFull(load.config.maxWorkerCount, tasks);
  return { ...schedule, cost: leastCost(load, tasks, schedule.starts) / 1_000 };
}

/** The schedule of `size` workers that are always there: by priority, then first come, first served. */
function runFull(size, tasks) {
  const starts = new Float64Array(tasks.length);
  const ends = new Float64Array(tasks.length);
  const freeAt = new Float64Array(size);
  const waiting = new Map(); // by priority: indices, of which those before `head` have started
  let queued = 0;
  let arrived = 0;
  let now = 0;
  while (arrived < tasks.length || queued > 0) {
    let worker = 0;
    for (let each = 1; each < size; each++) if (freeAt[each] < freeAt[worker]) worker = each;
    now = Math.max(now, freeAt[worker], queued > 0 ? 0 : tasks[arrived].at);
    while (arrived < tasks.length && tasks[arrived].at <= now) {
      const { priority } = tasks[arrived];
      if (!waiting.has(priority)) waiting.set(priority, { indices: [], head: 0 });
      waiting.get(priority).indices.push(arrived++);
      queued++;
    }
    const priorities = [...waiting.keys()].filter((each) => waiting.get(each).head < waiting.get(each).indices.length);
    const queue = waiting.get(Math.max(...priorities));
    const index = queue.indices[queue.head++];
    queued--;
    starts[index] = now;
    ends[index] = freeAt[worker] = now + tasks[index].service;
  }
  return { starts, ends, waits: tasks.map(({ at }, index) => starts[index] - at) };
}

/**
 * Workers are alike, so only their number matters: whenever n tasks run, n workers must be there. Those numbered up to
 * workerCount always are. A higher one is made whenever it is needed again, or kept through the gap if that is cheaper
 * than to destroy it and make another.
 */
function leastCost(load, tasks, starts) {
  const { horizon } = load;
  const { workerCount } = load.config;
  const remake = meanCreation(load) + load.destruction;
  const steps = [];
  for (let index = 0; index < tasks.length; index++) {
    steps.push({ at: starts[index], by: 1 }, { at: starts[index] + tasks[index].service, by: -1 });
  }
  steps.sort((a, b) => a.at - b.at || a.by - b.by);
  const freeSince = [];
  let cost = workerCount * horizon;
  let running = 0;
  let last = 0;
  for (const { at, by } of steps) {
    const now = Math.min(at, horizon);
    cost += Math.max(0, running - workerCount) * (now - last);
    last = now;
    if (at >= horizon) break;
    if (by > 0 && running >= workerCount) cost += Math.min(remake, at - (freeSince[running] ?? -Infinity));
    running += by;
    if (by < 0) freeSince[running] = at;
  }
  return cost;
}
