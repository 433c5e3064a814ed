import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Hangs on the item `stuck` until there is a file `go`, fails on `bad` until there is one `mended`; runs one item at a time. */
export default {
  maxWorkerCount: 1,
  run: async (item) => {
    console.error(`began ${item}`);
    if (item === 'stuck') while (!existsSync('go')) await setTimeout(10);
    if (item === 'bad' && !existsSync('mended')) throw new Error('no good');
    return item.toUpperCase();
  },
};
