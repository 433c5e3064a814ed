import Bottleneck from 'bottleneck';
import { freeList } from './free-list.mjs';

export const packages = ['bottleneck'];

export const mostTasks = 20;
export const note =
  'bottleneck gets no more than 20 tasks at a time, since each takes milliseconds: it starts them one after the other, from timers.';

const PRIORITIES = 10;

export async function open({ concurrency }) {
  const lend = freeList(concurrency);
  const limiter = new Bottleneck({ maxConcurrent: concurrency });
  return {
    run: (task) => limiter.schedule(lend, task),
    runWithPriority: (task, priority) => limiter.schedule({ priority: PRIORITIES - 1 - priority }, lend, task), // 0 goes first
    close: () => limiter.disconnect(),
  };
}
