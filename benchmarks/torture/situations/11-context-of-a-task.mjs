// Five requests, each with its own AsyncLocalStorage store, queue a task. Whose store does each task see?

import { AsyncLocalStorage } from 'node:async_hooks';
import async from 'async';
import Bottleneck from 'bottleneck';
import { bulkhead } from 'cockatiel';
import fastq from 'fastq';
import PQueue from 'p-queue';
import PQueue9 from 'p-queue-9';
import { openTasker, sleep } from '../measure.mjs';

export default {
  title: 'AsyncLocalStorage in queued tasks of 5 requests',
  notes: ['p-queue 10 and cockatiel 4 ask for Node 22, p-queue 9 for Node 20.'],
  contestants: {
    'p-queue': () => {
      const queue = new PQueue({ concurrency: 1 });
      return (task) => queue.add(task);
    },
    'p-queue-9': () => {
      const queue = new PQueue9({ concurrency: 1 });
      return (task) => queue.add(task);
    },
    fastq: () => {
      const queue = fastq.promise(async (task) => task(), 1);
      return (task) => queue.push(task);
    },
    async: () => {
      const queue = async.queue(async (task) => task(), 1);
      return (task) => queue.pushAsync(task);
    },
    bottleneck: () => {
      const limiter = new Bottleneck({ maxConcurrent: 1 });
      return (task) => limiter.schedule(task);
    },
    'cockatiel bulkhead': () => {
      const policy = bulkhead(1, 10);
      return (task) => policy.execute(task);
    },
    tasker: async () => {
      const manager = await openTasker();
      return (task) => manager.queueTask(task);
    },
  },
  async scenario(open) {
    const run = await open();
    const storage = new AsyncLocalStorage();
    const task = async () => {
      await sleep(5);
      return storage.getStore();
    };
    const seen = await Promise.all([1, 2, 3, 4, 5].map((id) => storage.run(id, () => run(task))));
    const wrong = seen.filter((id, index) => id !== index + 1).length;
    const outcome =
      wrong === 0 ? 'each sees its own' : `requests 1 to 5 see ${seen.map((id) => id ?? 'none').join(', ')}`;
    return { right: wrong === 0, outcome };
  },
};
