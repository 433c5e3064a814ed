/** A burst of work: one thread at rest, more while many tasks wait, and one again afterwards. */
import { setTimeout } from 'node:timers/promises';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type * as deriver from './bursting.thread.mjs';

const manager = await createTaskManager({
  ...threads<typeof deriver>(new URL('bursting.thread.mjs', import.meta.url), { execArgv: [] }),
  workerCount: 1, // the base
  maxWorkerCount: 4, // the limit
  burstInterval: 20, // how often the number of workers is looked at; also how long a task may wait
  idleTimeout: 200, // how long a worker beyond the base may idle
  resourcePoolSize: 0,
});

let peak = 1;
manager.on('scaled', ({ from, to, reason }) => {
  console.log(`workers: ${from} -> ${to} (${reason})`);
  peak = Math.max(peak, to);
});

console.log(`at rest: ${manager.stats().activeWorkers} worker`);

const passwords = Array.from({ length: 40 }, (_, index) => `password ${index}`);
const keys = await Promise.all(
  passwords.map((password) => manager.queueTask((thread) => thread.run('derive', password))),
);
console.log(`derived ${keys.length} keys of ${keys[0]?.length} bytes`);

while (manager.stats().activeWorkers > 1) await setTimeout(20);
console.log(`grew to ${peak} workers, back to ${manager.stats().activeWorkers}`);

await manager.stop();
const { totalResourcesCreated, totalResourcesDestroyed } = manager.metrics();
console.log(`made ${totalResourcesCreated}, destroyed ${totalResourcesDestroyed}`);
