import PQueue from 'p-queue';
import { freeList } from './free-list.mjs';

export async function open({ concurrency }) {
  const lend = freeList(concurrency);
  const queue = new PQueue({ concurrency });
  return {
    run: (task) => queue.add(() => lend(task)),
    runWithPriority: (task, priority) => queue.add(() => lend(task), { priority }),
    runCancelable: (task, signal) => queue.add(() => lend(task), { signal }),
    close: () => {},
  };
}
