// One measurement in a process of its own: node cost-child.mjs <off|auto> <at-once|loop> <workers>. Prints `{ ns, workers }`: processor
// time per task, and how many workers there were in the end.

import { createTaskManager } from 'tasker';

const TASKS = 100_000;
const CLIENTS = 64;

const [scaling, pattern, workers] = process.argv.slice(2);
const manager = await createTaskManager({
  onCreate: () => ({}),
  onDestroy: () => {},
  workerCount: Number(workers),
  maxWorkerCount: Number(workers) * 2,
  resourcePoolSize: 0,
  scaling,
});
const nothing = async () => {};

async function runAtOnce() {
  await Promise.all(Array.from({ length: TASKS }, () => manager.queueTask(nothing)));
}

async function runInLoop() {
  let left = TASKS;
  const client = async () => {
    while (left-- > 0) await manager.queueTask(nothing);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

const run = pattern === 'loop' ? runInLoop : runAtOnce;
await run(); // warms up
const start = process.cpuUsage();
await run();
await run();
const { user, system } = process.cpuUsage(start);
const ns = ((user + system) * 1_000) / (2 * TASKS);
const { activeWorkers } = manager.stats();
await manager.stop();
console.log(JSON.stringify({ ns, workers: activeWorkers }));
