import { importCore } from '../../kit/core.mjs';

const { createTaskManager } = await importCore();
const { threads: hooks } = await importCore('./threads/index.js');

const MODULE = new URL('../modules/tasker.mjs', import.meta.url);

/** As many workers as threads, for good; nobody calls `runTask`, so none is kept aside for it. */
export async function open({ threads, tasksPerWorker }) {
  const manager = await createTaskManager({
    ...hooks(MODULE),
    workerCount: threads,
    scaling: 'off',
    resourcePoolSize: 0,
    tasksPerWorker,
  });
  return {
    call: (name, value) => manager.queueTask((thread) => thread.run(name, value)),
    pass: (buffer) => manager.queueTaskOnce((thread) => thread.call('pass', [buffer], { transfer: [buffer] })),
    close: () => manager.stop(),
  };
}
