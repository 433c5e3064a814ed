import { isTaskerError } from 'tasker';
import type { TaskManagerConfig } from 'tasker';
import type * as distributedPackage from 'tasker-distributed';
import type { TaskClient, TaskDefinition, TaskWorker, WorkerConfig } from 'tasker-distributed';
import { importPeer } from '../basics/import-peer.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { InThreads } from '../work/in-threads.ts';
import { runHere } from '../work/item-runner.ts';
import { ItemTasks } from '../work/item-tasks.ts';
import type { Definition, TasksWorker } from '../work/load-tasks.ts';
import type { Worker } from '../work/load-worker.ts';
import { managerConfig } from '../work/manager-config.ts';
import type { ManagerOptions } from '../work/manager-config.ts';
import { nameOf } from '../work/module-name.ts';
import type { Messages } from './messages.ts';
import { Warnings } from './warnings.ts';

/** Options of a worker of a store that flags set. Durations are milliseconds. */
export interface StoreWorkerOptions {
  readonly manager: ManagerOptions;
  /** Whether each worker is a thread. */
  readonly threads: boolean;
  /** Of all workers together. */
  readonly queueRate?: { readonly limit: number; readonly interval: number } | undefined;
  readonly lock?: number | undefined;
  readonly lockCheck?: number | undefined;
}

/** Options of the core about a queue of its own: a module may set them for `tasker run`. */
const OF_OWN_QUEUE = ['maxQueueSize', 'onFull', 'queueTimeout', 'keyConcurrency', 'keyRate', 'aging', 'name'] as const;

/** What a command needs of tasker-distributed, on one queue of one store. */
export class Store {
  readonly url: string;
  readonly queue: string | undefined;
  readonly #package: typeof distributedPackage;

  private constructor(distributed: typeof distributedPackage, url: string, queue: string | undefined) {
    this.#package = distributed;
    this.url = url;
    this.queue = queue;
  }

  /** Rejects with `UsageError` if the package is not installed. `queue` is undefined for that of programs that name none. */
  static async load(url: string, queue: string | undefined): Promise<Store> {
    return new Store(await importPeer('tasker-distributed', '--url'), url, queue);
  }

  /** Whether no other process can open it. */
  get isOfThisProcess(): boolean {
    return this.url.startsWith('pglite:');
  }

  /** A client that may submit the tasks of a definition, or of these names. Rejects with `UsageError`. */
  async connect(
    tasks: Definition | readonly string[],
    storeTimeout: number,
  ): Promise<TaskClient<Record<string, AnyTask>>> {
    const { connect, defineTasks } = this.#package;
    const definition =
      'task' in tasks
        ? (tasks as unknown as Tasks['tasks'])
        : defineTasks<unknown>()(Object.fromEntries(tasks.map((name) => [name, nothing])));
    try {
      return await connect(definition, this.url, { name: this.queue, storeTimeout });
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  /** Starts a worker of this process. Rejects with `UsageError`. */
  async startWorker(
    module: Worker | TasksWorker,
    path: string,
    { manager, threads, queueRate, lock, lockCheck }: StoreWorkerOptions,
    messages: Messages,
  ): Promise<TaskWorker<Record<string, AnyTask>>> {
    const { tasks, config } = this.#tasksOf(module, path, threads, messages);
    const { retry, ...core } = config({
      logger: new Warnings(messages),
      ...managerConfig(module.options, manager),
    });
    for (const option of OF_OWN_QUEUE) delete core[option];
    const given = Object.entries({ queueRate, lock, lockCheck }).filter(([, value]) => value !== undefined);
    try {
      return await this.#package.createWorker(tasks, {
        ...core,
        ...Object.fromEntries(given),
        ...(retry && { retry: { maxRetries: retry.maxRetries, backoff: retry.backoff } }),
        url: this.url,
        name: this.queue,
      } as WorkerConfig<unknown>);
    } catch (error) {
      throw this.#refusal(error, `the worker of ${path}`);
    }
  }

  #tasksOf(module: Worker | TasksWorker, path: string, threads: boolean, { log }: Messages): Tasks {
    if ('tasks' in module) {
      if (threads) throw new UsageError(`--threads needs a module with run, and ${path} has tasks`);
      return { tasks: module.tasks as unknown as Tasks['tasks'], config: (config) => config };
    }
    const items = new ItemTasks(threads ? new InThreads(path, log) : runHere(module), log);
    const tasks = this.#package.defineTasks<unknown>()(items.tasks());
    return { tasks: tasks as unknown as Tasks['tasks'], config: (config) => items.config(config) };
  }

  #refusal(error: unknown, who = ''): UsageError {
    const isConfig = isTaskerError(error, 'INVALID_CONFIG');
    const isStore = this.#package.isDistributedError(error);
    const before =
      isConfig && who !== '' ? `${who}: ` : isConfig || isStore || who === '' ? '' : `${who} did not start: `;
    return new UsageError(`${before}${messageOf(error)}`, { cause: error });
  }
}

/** Any task, as far as a command knows it. */
export type AnyTask = (resource: undefined, input: unknown) => unknown;

interface Tasks {
  readonly tasks: TaskDefinition<unknown, Record<string, AnyTask>>;
  readonly config: (config: TaskManagerConfig<unknown>) => TaskManagerConfig<unknown>;
}

function nothing(_resource: undefined, _input: unknown): unknown {
  return undefined;
}

/**
 * The queue of a module: the one that was asked for; else that of its option `name`; else for a module with `run` that of its file, and for
 * the tasks of a definition the one that programs use as well.
 */
export function queueOf(module: Worker | TasksWorker, path: string, asked: string | undefined): string | undefined {
  const { name } = module.options;
  if (asked !== undefined || name !== undefined) return asked ?? name;
  return 'tasks' in module ? undefined : nameOf(path).replaceAll(/[^\w.-]/g, '-');
}
