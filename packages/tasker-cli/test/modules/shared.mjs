import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Notes where items begin, in a file of its own; `stuck` hangs until there is a file `go`, `bad` fails. Runs one item at a time. */
export default {
  maxWorkerCount: 1,
  run: async (item, _resource, { index, attempt, signal }) => {
    appendFileSync('begun.txt', `${index} ${process.pid}\n`);
    console.error(`began ${item}`);
    if (item.startsWith('stuck')) while (!existsSync('go')) await setTimeout(10, undefined, { signal });
    if (item === 'bad') throw Object.assign(new RangeError('no good'), { code: 'E_BAD' });
    return { index, attempt };
  },
};
