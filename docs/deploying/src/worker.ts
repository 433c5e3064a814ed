/** Runs tasks until SIGTERM. */
import { once } from 'node:events';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { createWorker } from 'tasker-distributed';
import { settings, stopSignal } from './settings.ts';
import { serveStatus } from './status-server.ts';
import { Printer, tasks } from './tasks.ts';

const registry = new Registry();
collectDefaultMetrics({ register: registry });
let isReady = false;
const server = await serveStatus(registry, () => isReady);

const worker = await createWorker(tasks, {
  url: settings.storeUrl,
  onCreate: () => new Printer(),
  onDestroy: () => {},
  workerCount: 2,
  maxWorkerCount: 8,
});
isReady = true;
console.log('ready');

if (!stopSignal.aborted) await once(stopSignal, 'abort');
isReady = false;
await worker.stop({ timeout: settings.stopTimeout });
console.log('stopped');
server.close();
