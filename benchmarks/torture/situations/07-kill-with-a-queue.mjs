// The queue is thrown away. Do the promises of what waited in it settle?

import async from 'async';
import fastq from 'fastq';
import { count, openTasker, outcomeOf, sleep } from '../measure.mjs';

const task = () => sleep(100);

export default {
  title: 'killed, while one task runs and 5 wait',
  notes: ['fastq documents abort() in its types only; its README offers kill().'],
  contestants: {
    'fastq kill()': () => {
      const queue = fastq.promise(async (task) => task(), 1);
      return { add: (task) => queue.push(task), kill: () => queue.kill() };
    },
    'fastq abort()': () => {
      const queue = fastq.promise(async (task) => task(), 1);
      return { add: (task) => queue.push(task), kill: () => queue.abort() };
    },
    'async kill()': () => {
      const queue = async.queue(async (task) => task(), 1);
      return { add: (task) => queue.pushAsync(task), kill: () => queue.kill() };
    },
    tasker: async () => {
      const manager = await openTasker();
      return { add: (task) => manager.queueTask(task), kill: () => manager.kill() };
    },
  },
  async scenario(open) {
    const { add, kill } = await open();
    const waits = Array.from({ length: 6 }, () => outcomeOf(add(task), 2_000));
    await sleep(20);
    await kill();
    const pending = count(await Promise.all(waits), 'pending');
    return { right: pending === 0, outcome: pending === 0 ? 'all settle' : `${pending} of 6 promises pend for ever` };
  },
};
