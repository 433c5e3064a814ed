import type { TaskContext, TaskManagerConfig } from 'tasker';
import type { DistributedContext } from 'tasker-distributed';
import { describeError } from '../basics/error-description.ts';
import type { EncodedResult } from '../basics/encoded-result.ts';
import { ItemContext } from './item-context.ts';
import { indexOfId } from './item-id.ts';
import type { ItemRunner } from './item-runner.ts';

/** How a run of an item went, beside its result or its error. */
export interface ItemReport {
  readonly attempts: number;
  readonly runMs: number;
  readonly finishedAt: number;
}

/** What the task `item` returns. */
export type ItemOutcome = ({ readonly result: unknown } | { readonly notJson: string }) & ItemReport;

/** The two tasks that the `run` of a module is, in a store: both take an item. `item` is for `tasker run`, and tells how it went. */
export const NAMES = { run: 'run', item: 'item' } as const;

/** The `run` of a module as tasks for workers of a store. */
export class ItemTasks {
  readonly #runner: ItemRunner;
  readonly #log: (message: unknown) => void;

  constructor(runner: ItemRunner, log: (message: unknown) => void) {
    this.#runner = runner;
    this.#log = log;
  }

  /** To be given to `defineTasks`. */
  tasks(): Record<keyof typeof NAMES, (resource: unknown, item: unknown, context: DistributedContext) => unknown> {
    return {
      run: async (resource, item, context) => {
        const encoded = await this.#run(resource, item, context);
        if ('json' in encoded) return JSON.parse(encoded.json);
        throw new TypeError(`the result cannot be written as JSON: ${encoded.notJson}`);
      },
      item: (resource, item, context) => this.#runAndReport(resource, item, context),
    };
  }

  /** `checkHealth` of a module judges what its function has thrown. */
  config(config: TaskManagerConfig<unknown>): TaskManagerConfig<unknown> {
    const moved = this.#runner.config(config);
    if (moved.checkHealth === undefined) return moved;
    return {
      ...moved,
      checkHealth: (error, info) => moved.checkHealth?.(ItemFailure.thrownIn(error), info) ?? true,
    };
  }

  async #runAndReport(resource: unknown, item: unknown, context: DistributedContext): Promise<ItemOutcome> {
    const startedAt = performance.now();
    const report = (): ItemReport => ({
      attempts: context.attempt,
      runMs: performance.now() - startedAt,
      finishedAt: Date.now(),
    });
    try {
      const encoded = await this.#run(resource, item, context);
      return 'json' in encoded
        ? { result: JSON.parse(encoded.json), ...report() }
        : { notJson: encoded.notJson, ...report() };
    } catch (error) {
      throw new ItemFailure(error, report());
    }
  }

  async #run(resource: unknown, item: unknown, context: DistributedContext): Promise<EncodedResult> {
    const now = performance.now();
    const task = { index: indexOfId(context.id), submittedAt: now, startedAt: now, options: undefined };
    const result = await this.#runner.run(item, resource, new ItemContext(taskContext(context), task, this.#log));
    return this.#runner.encode(result);
  }
}

/** What the core tells a task, of what a worker of a store is told. */
function taskContext(context: DistributedContext): TaskContext {
  const { id, name, attempt, worker } = context;
  return {
    ...{ id, name, attempt, worker, invalidate: (reason?: unknown) => context.invalidate(reason) },
    get signal() {
      return context.signal;
    },
  };
}

/** An error of an item on its way to whoever submitted it: it looks like the one that was thrown, and tells how the run went. */
class ItemFailure extends Error {
  readonly item: ItemReport;
  readonly code?: string | number;
  readonly #thrown: unknown;

  constructor(thrown: unknown, item: ItemReport) {
    const { name, message, code } = describeError(thrown);
    super(message);
    this.name = name;
    if (code !== undefined) this.code = code;
    this.item = item;
    this.#thrown = thrown;
    if (thrown instanceof Error && typeof thrown.stack === 'string') this.stack = thrown.stack;
  }

  static thrownIn(error: unknown): unknown {
    return typeof error === 'object' && error !== null && #thrown in error ? error.#thrown : error;
  }
}

/** How the last run of an item went that has failed; undefined if its worker has not told. */
export function reportIn(error: unknown): ItemReport | undefined {
  const { item } = Object(error) as { item?: Partial<ItemReport> };
  const { attempts, runMs, finishedAt } = item ?? {};
  if (typeof attempts !== 'number' || typeof runMs !== 'number' || typeof finishedAt !== 'number') return undefined;
  return { attempts, runMs, finishedAt };
}
