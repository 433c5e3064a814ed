/** A module that crashes and never frees its memory, in processes of its own: the program goes on, and no process grows. */
import { createTaskManager, isTaskerError } from 'tasker';
import { processes } from 'tasker/threads';
import type * as counter from './crashing.process.mjs';

const manager = await createTaskManager({
  ...processes<typeof counter>(new URL('crashing.process.mjs', import.meta.url), { execArgv: [] }),
  workerCount: 2,
  maxWorkerCount: 2,
  resourcePoolSize: 0,
  maxRetries: 1, // a text that ends two processes is not tried on a third
  maxUses: 10, // then a new process: the memory of the old one is free again
});

manager.on('retried', ({ task, error }) => console.log(`${task.name} is tried again: ${(error as Error).message}`));

// Sixty texts; one of them is poison.
const texts = Array.from({ length: 60 }, (_, index) => (index === 42 ? 'a \0 in it' : 'five words in this one'));
const counts = await Promise.allSettled(
  texts.map((text, index) =>
    manager.queueTask((process) => process.run('countWords', text), { name: `text ${index + 1}` }),
  ),
);

let words = 0;
let megabytes = 0;
const pids = new Set<number>();
for (const [index, count] of counts.entries()) {
  if (count.status === 'fulfilled') {
    words += count.value.words;
    megabytes = Math.max(megabytes, count.value.megabytes);
    pids.add(count.value.pid);
  } else if (isTaskerError(count.reason, 'RETRIES_EXHAUSTED')) {
    console.log(`text ${index + 1} failed: ${(count.reason.cause as Error).message}`);
  } else throw count.reason;
}
console.log(`${words} words in ${counts.length - 1} texts`);
console.log(`no process has held more than ${megabytes} MB`);
console.log(pids.size > 5 ? 'more than five processes were used' : `${pids.size} processes were used`);
await manager.stop();
