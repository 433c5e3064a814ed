// A worker process: arguments are URL, name of the queue, places.
import { createWorker } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url, name, places] = process.argv;
const workerCount = Number(places);
const worker = await createWorker(tasks, {
  ...{ url, name, workerCount, maxWorkerCount: workerCount, lock: 2_000, lockCheck: 500 },
});
process.once('SIGTERM', () => void worker.stop());
console.log('ready');
