import { startTaskManager } from 'tasker';
import { untilAbort } from '../basics/until-abort.ts';
import { atMost } from '../basics/within.ts';
import { openEngine } from '../engine/open-engine.ts';
import { requireDefinition } from '../tasks/define-tasks.ts';
import type { TaskDefinition } from '../tasks/define-tasks.ts';
import type { TaskWorker } from './task-worker.ts';
import { Verdicts } from './verdicts.ts';
import { readWorkerConfig } from './worker-config.ts';
import type { PlainWorkerConfig, WorkerConfig } from './worker-config.ts';
import { Worker } from './worker.ts';

/** A worker whose store is away for so long still goes on: this is for commands that somebody waits for. */
const STORE_TIMEOUT = 60_000;
/** Longest wait for the store when the start has failed otherwise. */
const CLOSE_TIMEOUT = 2_000;

/**
 * Starts a worker: a task manager of this process, with resources of its own, that takes its tasks from the queue in the store. Resolves when
 * the first resources are up and it takes tasks. Rejects as `createTaskManager` and `connect` do.
 */
export function createWorker<R, T>(tasks: TaskDefinition<R, T>, config: WorkerConfig<R>): Promise<TaskWorker<T, R>>;
export function createWorker<T>(
  tasks: TaskDefinition<undefined, T>,
  config: PlainWorkerConfig,
): Promise<TaskWorker<T, undefined>>;
export async function createWorker<R, T>(
  tasks: TaskDefinition<R, T>,
  config: WorkerConfig<R> | PlainWorkerConfig,
): Promise<TaskWorker<T, R>> {
  requireDefinition(tasks);
  const resolved = readWorkerConfig<R>(config);
  resolved.signal?.throwIfAborted();
  const verdicts = new Verdicts<R>();
  // Refuses a wrong configuration at once, and makes the first resources while the store is opened.
  const manager = startTaskManager(verdicts.listenIn(resolved.core));
  const opening = openEngine(resolved.url, resolved.name, STORE_TIMEOUT, resolved.telemetry);
  try {
    const [engine] = await unlessAborted(resolved.signal, Promise.all([opening, manager.ready]));
    const worker = new Worker<R, T>(tasks, resolved, engine, manager, verdicts);
    await worker.start();
    return worker as unknown as TaskWorker<T, R>;
  } catch (error) {
    const closed = opening.then((engine) => engine.close());
    // A store that is silent is not waited for: should it open after all, it is closed then.
    await Promise.all([manager.kill(), atMost(CLOSE_TIMEOUT, closed)]);
    throw error;
  }
}

function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  return signal === undefined ? promise : untilAbort(signal, promise, () => {});
}
