// With everything on that is on by default: metrics, scaling to twice the workers, async context; and health checks.

import { importCore } from '../../kit/core.mjs';
import { makeResource } from './free-list.mjs';

const { createTaskManager } = await importCore();

export const mostTasks = Infinity;

/** How many tasks may run at once; as a default, twice `workerCount`. */
export const mostRunning = (concurrency) => concurrency * 2;

const EVENTS =
  'queued started retried completed failed cancelled dropped stuck abandoned resourceCreated resourceDestroyed createFailed ' +
  'scaled paused resumed idle error stopped';

/** With a function that does nothing. */
const listen = (manager) => {
  for (const event of EVENTS.split(' ')) manager.on(event, () => {});
};

const collector = {
  recordArrival() {},
  recordCompletion() {},
  recordFailure() {},
  recordRetry() {},
  metrics: () => ({}),
};

/** Other ways to use it: options, what is done with the manager, and how a task is run, as far as they differ. */
const WAYS = {
  runTask: { runWith: (manager) => (task) => manager.runTask(task) },
  collector: { config: { collector } },
  listeners: { prepare: listen },
  hooks: { config: { validate: () => true, onRelease: () => {} } },
  'scaling off': { config: { scaling: 'off' } },
  'async context off': { config: { asyncContext: false } },
};

const submit = (manager) => (task) => manager.queueTask(task);

export async function open({ concurrency, way }) {
  const { config, prepare, runWith = submit } = WAYS[way] ?? {};
  const manager = await createTaskManager({
    onCreate: makeResource,
    onDestroy: () => {},
    checkHealth: (error) => error?.code !== 'ECONNRESET',
    workerCount: concurrency,
    ...config,
  });
  prepare?.(manager);
  return {
    run: runWith(manager),
    runWithPriority: (task, priority) => manager.queueTask(task, { priority }),
    runCancelable: (task, signal) => manager.queueTask(task, { signal }),
    close: () => manager.stop(),
  };
}
