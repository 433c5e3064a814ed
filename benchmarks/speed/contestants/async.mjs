import { priorityQueue, queue as queueOf } from 'async';
import { freeList } from './free-list.mjs';

export async function open({ concurrency, priorities }) {
  const lend = freeList(concurrency);
  // Only an async function may settle with a promise; it is called with the task alone.
  const worker = async (task) => lend(task);
  if (priorities === undefined) {
    const queue = queueOf(worker, concurrency);
    return { run: (task) => queue.pushAsync(task), close: () => {} };
  }
  const queue = priorityQueue(worker, concurrency);
  return {
    run: (task) => queue.pushAsync(task, priorities),
    runWithPriority: (task, priority) => queue.pushAsync(task, priorities - priority), // the lowest number goes first
    close: () => {},
  };
}
