// One contestant in a process of its own: reports the microseconds of a task.

import { argument, repeat, report } from '../kit/child.mjs';
import { importCore } from '../kit/core.mjs';
import { stopwatch } from '../kit/measure.mjs';
import { undisturbed } from '../kit/statistics.mjs';
import { CONTESTANTS } from './contestants.mjs';

/** So many at a time wait for their task, and submit the next one then. */
const CLIENTS = 64;
const TASKS = 20_000;

const { createTaskManager } = await importCore();
const manager = await createTaskManager({ workerCount: 4, scaling: 'off' });
CONTESTANTS[argument.contestant]?.(manager);

async function measure() {
  let left = TASKS;
  const client = async () => {
    while (left-- > 0) await manager.queueTask(async () => 1);
  };
  const elapsed = stopwatch();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (elapsed() / TASKS) * 1_000;
}

await repeat(measure, { duration: 500 });
report(undisturbed(await repeat(measure, { duration: 1_000 })));
