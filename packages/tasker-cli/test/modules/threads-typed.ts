import { threadId } from 'node:worker_threads';

export default (item: string, { index }: { index: number }): string =>
  `${item}${index} in ${threadId === 0 ? 'the main thread' : 'a thread'}`;
