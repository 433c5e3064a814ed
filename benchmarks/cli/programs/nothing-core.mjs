// The core alone: `node nothing-core.mjs COUNT`; as many tasks as `tasker run` has on their way are with the manager.

import { createTaskManager } from 'tasker';
import nothing from './nothing-worker.mjs';

const AHEAD = 1_000;
const count = Number(process.argv[2]);

const manager = await createTaskManager({ workerCount: 1 });
let next = 0;
const lane = async () => {
  while (next < count) {
    const item = { id: next++ };
    await manager.queueTask(() => nothing(item));
  }
};
await Promise.all(Array.from({ length: AHEAD }, lane));
await manager.stop();
