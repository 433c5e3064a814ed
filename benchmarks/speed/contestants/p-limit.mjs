import pLimit from 'p-limit';
import { freeList } from './free-list.mjs';

export async function open({ concurrency }) {
  const lend = freeList(concurrency);
  const limit = pLimit(concurrency);
  return { run: (task) => limit(lend, task), close: () => {} };
}
