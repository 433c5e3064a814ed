// Runs tasks for some seconds, with or without a dashboard, and prints what a task took of the processor: `program.mjs WORKLOAD WATCHERS SECONDS`,
// where WATCHERS is `none` for no dashboard at all.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTaskManager } from 'tasker';
import { createDashboard, serve } from 'tasker-dashboard';
import { WORKLOADS } from './workloads.mjs';

const [name = '', watchers = 'none', seconds = '5'] = process.argv.slice(2);
const { config, clients, submit } = WORKLOADS[name];
const manager = await createTaskManager({ scaling: 'off', resourcePoolSize: 0, ...config });

let dashboard;
let server;
let watching;
if (watchers !== 'none') {
  dashboard = createDashboard({ managers: { [name]: manager } });
  server = await serve(dashboard, { port: 0 });
  if (watchers !== '0') {
    watching = fork(fileURLToPath(new URL('watch.mjs', import.meta.url)), [server.url, watchers]);
    await once(watching, 'message');
  }
}

let tasks = 0;
const over = new AbortController();
const loops = Array.from({ length: clients }, async (_, i) => {
  while (!over.signal.aborted) {
    await submit(manager, i);
    tasks++;
  }
});
await setTimeout(2_000); // warm, and what a watcher has missed is sent
const [startedAt, cpu, before] = [performance.now(), process.cpuUsage(), tasks];
await setTimeout(Number(seconds) * 1_000);
const { user, system } = process.cpuUsage(cpu);
const done = tasks - before;
console.log(
  JSON.stringify({
    perTask: (user + system) / done,
    load: (user + system) / 1_000 / (performance.now() - startedAt),
    perSecond: (done / (performance.now() - startedAt)) * 1_000,
  }),
);
over.abort();
watching?.disconnect();
await server?.close();
dashboard?.close();
await Promise.all(loops);
await manager.stop();
