import { resolve } from 'node:path';
import type { CreateContext, TaskManagerConfig, WorkerKind } from 'tasker';
import { threads } from 'tasker/threads';
import type { Thread, ThreadHooks } from 'tasker/threads';
import type { EncodedResult } from '../basics/encoded-result.ts';
import type { ItemContext } from './item-context.ts';
import type { ItemRunner } from './item-runner.ts';
import type { Failure, HealthVerdict, Judgement } from './thread-protocol.ts';
import type * as workerThread from './worker-thread.ts';

const MODULE = new URL('worker-thread.js', import.meta.url);

type WorkerThread = Thread<typeof workerThread>;

/**
 * A worker in threads: each loads the module and keeps a resource of its own there. What needs the resource, or the error as it was
 * thrown, is called in the thread; what concerns all workers, such as a law of scaling, in the main one.
 */
export class InThreads implements ItemRunner {
  readonly #path: string;
  readonly #log: (message: unknown) => void;

  /** `path` is that of the module. */
  constructor(path: string, log: (message: unknown) => void) {
    this.#path = resolve(path);
    this.#log = log;
  }

  config(config: TaskManagerConfig<unknown>): TaskManagerConfig<unknown> {
    const { onDestroy, checkHealth: isAlive } = this.#threads('base');
    const moved: TaskManagerConfig<WorkerThread> = {
      ...config,
      onCreate: (context) => this.#create(context),
      onDestroy: async (thread, reason) => {
        thread.run('leave', reason).catch(() => {}); // one that has died takes no call
        await onDestroy(thread, reason);
      },
      checkHealth: (error, info) => {
        if (error instanceof ItemFailure && error.judgement !== undefined) return verdictOf(error.judgement);
        if (!isAlive(error)) return false;
        return config.checkHealth?.(error, { ...info, resource: undefined }) ?? true;
      },
      ...(config.validate && { validate: (thread: WorkerThread) => thread.run('validate') }),
      ...(config.onRelease && { onRelease: (thread: WorkerThread) => thread.run('onRelease') }),
    };
    return moved;
  }

  async run(item: unknown, thread: unknown, context: ItemContext): Promise<EncodedResult> {
    const { index, signal } = context;
    const args = [item, { index, task: context.task() }] as const;
    const outcome = await (thread as WorkerThread).call('run', [...args], { signal });
    if ('result' in outcome) return outcome.result;
    throw new ItemFailure(outcome);
  }

  /** A thread has made JSON of it: what a class makes of itself does not come out of a thread. */
  encode(result: unknown): EncodedResult {
    return result as EncodedResult;
  }

  async #create(context: CreateContext): Promise<WorkerThread> {
    const thread = await this.#threads(context.kind).onCreate(context);
    // Lasts as long as the thread.
    thread.run('listen', this.#log, context.invalidate).catch(() => {});
    return thread;
  }

  #threads(kind: WorkerKind): ThreadHooks<typeof workerThread> {
    return threads(MODULE, { data: { path: this.#path, kind }, name: 'tasker', stdout: toStandardError });
  }
}

/** Why an item has failed in its thread. */
class ItemFailure extends Error {
  readonly code: string | number | undefined;
  readonly judgement: Judgement | undefined;

  constructor({ error: { name, message, code }, judgement }: Failure) {
    super(message);
    this.name = name;
    this.code = code;
    this.judgement = judgement;
  }
}

/** Standard output is for results. */
function toStandardError(text: string): void {
  process.stderr.write(text);
}

function verdictOf(judgement: Judgement): HealthVerdict {
  if ('verdict' in judgement) return judgement.verdict;
  throw new Error(judgement.mistake);
}
