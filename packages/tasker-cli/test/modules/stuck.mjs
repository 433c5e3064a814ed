import { existsSync } from 'node:fs';

/** Hangs on the item `stuck` until there is a file `go`; runs one item at a time. */
export default {
  maxWorkerCount: 1,
  run: async (item) => {
    console.error(`began ${item}`);
    if (item === 'stuck' && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
    if (item === 'bad') throw new Error('no good');
    return item.toUpperCase();
  },
};
