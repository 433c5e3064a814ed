/** A worker process: `worker.ts NAME URL QUEUE BOOK`. */
import { createWorker } from 'tasker-distributed';
import { tasks } from './tasks.ts';
import type { Desk } from './tasks.ts';

const [, , worker = '', url, name, book = ''] = process.argv;

const manager = await createWorker(tasks, {
  url,
  name,
  onCreate: (): Desk => ({ worker, book }),
  onDestroy: () => {},
  workerCount: 4,
  maxWorkerCount: 4,
  // A worker that was not heard of for so long is dead: 15 s by default. Less makes the story shorter.
  lock: 2_000,
  lockCheck: 500,
});
process.once('SIGTERM', () => void manager.stop().then(() => process.disconnect()));
process.once('disconnect', () => process.exit()); // also when the demo was killed
process.send?.('ready');
