import fastq from 'fastq';
import { freeList } from './free-list.mjs';

export const mostTasks = Infinity;

export async function open({ concurrency }) {
  const queue = fastq.promise(freeList(concurrency), concurrency);
  return { run: (task) => queue.push(task), close: () => {} };
}
