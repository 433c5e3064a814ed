/** No more workers while the event loop is saturated: they would only take its time from each other. */
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { createTaskManager } from 'tasker';
import type { Scaler } from 'tasker';

const SATURATED = 0.8;
const WINDOW = 100; // ms

let start = performance.eventLoopUtilization();
let utilization = 0;

/** How much of the last 100 ms and more the event loop was busy, from 0 to 1. */
function eventLoopLoad(): number {
  const now = performance.eventLoopUtilization();
  const sinceStart = performance.eventLoopUtilization(now, start);
  if (sinceStart.idle + sinceStart.active >= WINDOW) {
    start = now;
    ({ utilization } = sinceStart);
  }
  return utilization;
}

const cpuAware: Scaler = ({ running, queued, workers }) => {
  const needed = running + queued;
  return eventLoopLoad() > SATURATED ? Math.min(needed, workers) : needed;
};

const manager = await createTaskManager({
  onCreate: () => ({}),
  onDestroy: () => {},
  workerCount: 1,
  maxWorkerCount: 4,
  burstInterval: 20,
  resourcePoolSize: 0,
  scaling: cpuAware,
});
let most = 1;
manager.on('scaled', ({ to }) => (most = Math.max(most, to)));

const runTasks = () => Promise.all(Array.from({ length: 8 }, () => manager.queueTask(() => setTimeout(50))));
await runTasks();
console.log(`the event loop was free: grew to ${most} workers`);

while (manager.stats().activeWorkers > 1) await setTimeout(20);
most = 1;
const somethingElse = setInterval(() => {
  for (const end = performance.now() + 100; performance.now() < end;);
}, 1);
await setTimeout(300);
await runTasks();
clearInterval(somethingElse);
console.log(`the event loop was saturated: grew to ${most} worker`);
await manager.stop();
