import { availableParallelism } from 'node:os';
import type { TaskManagerConfig, Verdict } from 'tasker';

/** Options of the manager that flags set; each wins over the module. */
export type ManagerOptions = Partial<
  Pick<
    TaskManagerConfig<unknown>,
    | 'workerCount'
    | 'maxWorkerCount'
    | 'tasksPerWorker'
    | 'scaling'
    | 'growthMustPay'
    | 'targetWait'
    | 'idleTimeout'
    | 'createTimeout'
    | 'startTimeout'
    | 'destroyTimeout'
    | 'maxResources'
    | 'maxUses'
    | 'maxAge'
    | 'validateAfter'
    | 'validateTimeout'
    | 'keepAlive'
    | 'maxRetries'
    | 'timeout'
    | 'abandonAfter'
    | 'rate'
    | 'keyRate'
    | 'keyConcurrency'
    | 'aging'
  >
>;

const RETRY: Verdict = { resource: 'keep', task: 'retry' };

/**
 * The configuration of the manager: flags, then the module, then defaults of the command. A module that judges no errors has every
 * failed item retried, if retries are asked for by flag.
 */
export function managerConfig(
  module: Partial<TaskManagerConfig<unknown>>,
  flags: ManagerOptions,
): TaskManagerConfig<unknown> {
  const { maxRetries } = flags;
  const config: TaskManagerConfig<unknown> = {
    // Nothing calls `runTask`.
    resourcePoolSize: 0,
    ...(maxRetries !== undefined && { checkHealth: () => RETRY }),
    ...(module as TaskManagerConfig<unknown>),
    ...flags,
    ...workerCounts(module, flags),
  };
  // The policy of the module would win over `maxRetries`.
  if (maxRetries !== undefined && module.retry !== undefined) config.retry = { ...module.retry, maxRetries };
  return config;
}

type WorkerCounts = Required<Pick<ManagerOptions, 'workerCount' | 'maxWorkerCount'>>;

/** A number that a flag sets wins over both of the module, which may be no numbers: the manager checks them later. */
function workerCounts(module: Partial<TaskManagerConfig<unknown>>, flags: ManagerOptions): WorkerCounts {
  const { workerCount = 1, maxWorkerCount = Math.max(workerCount, availableParallelism()) } = module;
  const { workerCount: least = 0, maxWorkerCount: most = Infinity } = flags;
  return {
    workerCount: flags.workerCount ?? (workerCount > most ? most : workerCount),
    maxWorkerCount: flags.maxWorkerCount ?? (maxWorkerCount < least ? least : maxWorkerCount),
  };
}
