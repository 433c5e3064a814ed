// A timeout that nobody listens to: the caller is told, the function runs on. Does its place stay taken?

import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import { openTasker, outcomeOf, sleep } from '../measure.mjs';

const TIMEOUT = 20;

export default {
  title: '10 tasks of 100 ms, a timeout of 20 ms that they ignore, one at a time',
  notes: [
    'p-queue documents that a task which ignores its `signal` gives up its slot and keeps running.',
    '`tasker` keeps the place taken until the function ends, for `abandonAfter` (5 s) at most; then its resource is replaced.',
  ],
  contestants: {
    'p-queue': () => {
      const queue = new PQueue({ concurrency: 1, timeout: TIMEOUT });
      return (task) => queue.add(task);
    },
    bottleneck: () => {
      const limiter = new Bottleneck({ maxConcurrent: 1 });
      return (task) => limiter.schedule({ expiration: TIMEOUT }, task);
    },
    tasker: async () => {
      const manager = await openTasker({ timeout: TIMEOUT });
      return (task) => manager.queueTask(task);
    },
  },
  async scenario(open) {
    const run = await open();
    let running = 0;
    let peak = 0;
    const task = async () => {
      running += 1;
      peak = Math.max(peak, running);
      await sleep(100);
      running -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => outcomeOf(run(task), 5_000)));
    return { right: peak === 1, outcome: `${peak} ran at once` };
  },
};
