import { availableParallelism } from 'node:os';
import type { RateLimit, TaskManagerConfig, Verdict } from 'tasker';

/** What flags say about the manager; each wins over the module. */
export interface ManagerFlags {
  readonly workers?: number | undefined;
  readonly maxWorkers?: number | undefined;
  readonly tasksPerWorker?: number | undefined;
  readonly retries?: number | undefined;
  readonly timeout?: number | undefined;
  readonly rate?: RateLimit | undefined;
  readonly keyConcurrency?: number | undefined;
}

const RETRY: Verdict = { resource: 'keep', task: 'retry' };

/**
 * The configuration of the manager: flags, then the module, then defaults of the command. A module that judges no errors has every
 * failed item retried, if retries are asked for.
 */
export function managerConfig(
  options: Partial<TaskManagerConfig<unknown>>,
  flags: ManagerFlags,
): TaskManagerConfig<unknown> {
  const workerCount = flags.workers ?? options.workerCount ?? 1;
  const config: Partial<TaskManagerConfig<unknown>> = {
    // Nothing calls `runTask`.
    resourcePoolSize: 0,
    ...(flags.retries !== undefined && { checkHealth: () => RETRY }),
    ...options,
    workerCount,
    maxWorkerCount: flags.maxWorkers ?? options.maxWorkerCount ?? Math.max(workerCount, availableParallelism()),
    ...given({
      tasksPerWorker: flags.tasksPerWorker,
      timeout: flags.timeout,
      rate: flags.rate,
      keyConcurrency: flags.keyConcurrency,
    }),
  };
  if (flags.retries !== undefined) {
    config.maxRetries = flags.retries;
    if (options.retry !== undefined) config.retry = { ...options.retry, maxRetries: flags.retries };
  }
  return config as TaskManagerConfig<unknown>;
}

const given = (options: Partial<TaskManagerConfig<unknown>>): Partial<TaskManagerConfig<unknown>> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
