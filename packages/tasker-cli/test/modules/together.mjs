import { appendFileSync, existsSync } from 'node:fs';

/** A thousand items at a time, which end only when there is a file `go`; each notes that it begins. */
export default {
  maxWorkerCount: 1,
  tasksPerWorker: 1_000,
  run: async (item) => {
    appendFileSync('begun.txt', `${item}\n`);
    if (!existsSync('go')) await new Promise(() => {});
  },
};
