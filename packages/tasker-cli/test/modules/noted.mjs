import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const LAST = 195;
console.error('loaded');

/**
 * Notes when an item begins and when it ends, in files of its own. Fails on each tenth item, and on each seventh when it is first
 * run.
 */
export default {
  maxWorkerCount: 4,
  tasksPerWorker: 2,
  run: async (item, _resource, { index, attempt }) => {
    appendFileSync('begun.txt', `${index}\n`);
    if (index >= LAST) console.error('soon over');
    await setTimeout(index % 9);
    appendFileSync('ended.txt', `${index}\n`);
    if (index % 10 === 0) throw new Error('never');
    if (index % 7 === 0 && attempt === 1) throw new Error('not yet');
    return item * 2;
  },
};
