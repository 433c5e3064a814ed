import { startTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';
import type { Given } from '../basics/option-rules.ts';
import { readMapOptions } from './submit-options.ts';
import type { BulkOptions, MapOptions, SettledMapOptions } from './submit-options.ts';

/** Items pulled and not yet yielded, by default: how many workers there are is not asked. */
const DEFAULT_CONCURRENCY = 100;

type Items = Iterable<unknown> | AsyncIterable<unknown>;
type QueueItem = (input: unknown, options: Given<BulkOptions> & { readonly signal: AbortSignal }) => Promise<unknown>;

/**
 * `map()` of the core, for tasks that run elsewhere: on a manager without resources, each of whose tasks waits for one of ours. So order,
 * back-pressure and ends are the same.
 */
export class Maps {
  #manager: TaskManager<undefined> | undefined;

  /** `queue` is called for each item; what it throws at once, as for an option that is wrong, `check` has thrown before the first. */
  map(
    items: Items,
    options: MapOptions | SettledMapOptions | undefined,
    check: () => void,
    queue: QueueItem,
  ): AsyncIterableIterator<unknown> {
    let given: ReturnType<typeof readMapOptions>;
    try {
      given = readMapOptions(options);
      check();
    } catch (error) {
      return this.#start().map(new Wrong(error), () => {});
    }
    const { concurrency = DEFAULT_CONCURRENCY, ordered, settled, signal, ...each } = given;
    const plan = { concurrency, ordered, signal };
    const run = (input: unknown, _: undefined, context: { readonly signal: AbortSignal }): Promise<unknown> =>
      queue(input, { ...each, signal: context.signal });
    const manager = this.#start();
    return settled === true ? manager.map(items, run, { ...plan, settled }) : manager.map(items, run, plan);
  }

  /** Those under way end with the next task that does, which the caller sees to. */
  close(): void {
    void this.#manager?.stop();
  }

  /** An idle manager without resources costs nothing. */
  #start(): TaskManager<undefined> {
    this.#manager ??= startTaskManager({
      name: 'map',
      workerCount: 1,
      scaling: 'off',
      tasksPerWorker: Number.MAX_SAFE_INTEGER,
    });
    return this.#manager;
  }
}

/** Items of which the first throws: so a wrong option rejects the first `next()`, as in the core. */
class Wrong implements Iterable<never> {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  [Symbol.iterator](): never {
    throw this.#error;
  }
}
