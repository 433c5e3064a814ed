// A worker process: arguments are URL, name of the queue, places, and after how many ms it is taken for dead.
import { createWorker } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url, name, places, lock] = process.argv;
const workerCount = Number(places);
const worker = await createWorker(tasks, {
  ...{ url, name, workerCount, maxWorkerCount: workerCount, lock: Number(lock), lockCheck: Number(lock) / 4 },
});
process.once('SIGTERM', () => void worker.stop());
console.log('ready');
