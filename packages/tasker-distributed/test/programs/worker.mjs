// A worker process: arguments are URL, name of the queue, places, after how many ms it is taken for dead, how often that is looked at, and for
// how many ms a stop waits.
import { createWorker } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url, name, places, lock, lockCheck, timeout] = process.argv;
const workerCount = Number(places);
const worker = await createWorker(tasks, {
  ...{ url, name, workerCount, maxWorkerCount: workerCount, lock: Number(lock), lockCheck: Number(lockCheck) },
});
process.once('SIGTERM', () => void worker.stop(timeout === undefined ? {} : { timeout: Number(timeout) }));
console.log('ready');
