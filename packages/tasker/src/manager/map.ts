import { Fifo } from '../primitives/fifo.ts';
import type { Slotted } from '../primitives/fifo.ts';
import type { Task, TaskContext, TaskOptions } from '../tasks/task.ts';
import type { TaskHandle } from './handle.ts';

/** Options of `map()`; the others are those of each task. */
export interface MapOptions extends TaskOptions {
  /** Most items pulled from the source and not yet yielded. Default: `maxWorkerCount * tasksPerWorker`. */
  concurrency?: number;
  /** Whether results come in the order of the items, or as they are completed. Default true. */
  ordered?: boolean;
}

/** What `map()` does with each item. */
export type MapFunction<I, R, T> = (item: I, resource: R, context: TaskContext) => T | PromiseLike<T>;

/** What `map()` needs of the manager. */
export interface MapOwner<R> {
  submit<T>(task: Task<R, T>, options: TaskOptions): TaskHandle<T>;
  /** Undefined if a task may be submitted now without being refused or pushing another one out; else a wait, to ask again. */
  noRoom(): Promise<void> | undefined;
  /** Calls `listener` when the manager has shut down; returns the function that forgets it. */
  onEnd(listener: (error: unknown) => void): () => void;
}

interface Started<T> extends Slotted {
  readonly handle: TaskHandle<T>;
  /** Set when the task has ended. */
  outcome: { readonly value: T } | { readonly error: unknown } | undefined;
}

/**
 * Runs a task for each item and yields the results. Pulls no more items than `concurrency` ahead of the consumer, and
 * waits for room in the queue. An error of a task or of the source surfaces at its turn (unordered: at once). However it
 * ends, the tasks still open are cancelled and the source's `return()` is called once, unless it has ended by itself.
 */
export async function* map<I, R, T>(
  items: Iterable<I> | AsyncIterable<I>,
  fn: MapFunction<I, R, T>,
  options: TaskOptions,
  limits: { readonly concurrency: number; readonly isOrdered: boolean },
  owner: MapOwner<R>,
): AsyncGenerator<T, void, undefined> {
  const source = new Source(items);
  const started = new Fifo<Started<T>>();
  /** Those whose turn it may be. */
  const ended = limits.isOrdered ? started : new Fifo<Started<T>>();
  const open = (): number => (ended === started ? started.size : started.size + ended.size);
  const bell = new Bell();
  const end = (task: Started<T>, outcome: Started<T>['outcome']): void => {
    task.outcome = outcome;
    if (ended !== started) {
      started.remove(task);
      ended.push(task);
    }
    bell.ring();
  };

  let isPulling = false; // one item at a time, until it is submitted
  const pull = async (): Promise<void> => {
    isPulling = true;
    const item = await source.next();
    if (item !== undefined) {
      for (let wait = owner.noRoom(); wait !== undefined; wait = owner.noRoom()) await wait;
      if (!source.isOver) {
        const handle = owner.submit((resource, context) => fn(item.value, resource, context), options);
        const task: Started<T> = { handle, outcome: undefined, slot: -1 };
        started.push(task);
        handle.result.then(
          (value) => end(task, { value }),
          (error: unknown) => end(task, { error }),
        );
      }
    }
    isPulling = false;
    bell.ring();
  };

  const forget = owner.onEnd((error) => {
    if (!source.isExhausted) source.failure ??= { error }; // who waits for the source need not wait any longer
    bell.ring();
  });
  let isFailed = true; // unless it ends otherwise
  try {
    for (;;) {
      if (source.isPullable && !isPulling && open() < limits.concurrency) void pull();
      const outcome = ended.first?.outcome;
      if (outcome !== undefined) {
        ended.shift();
        if ('error' in outcome) throw outcome.error;
        isFailed = false; // the consumer may leave here
        yield outcome.value;
        isFailed = true;
      } else if (source.failure !== undefined && (!limits.isOrdered || open() === 0)) {
        throw source.failure.error;
      } else if (source.isExhausted && open() === 0) {
        isFailed = false;
        return;
      } else {
        await bell.rung();
      }
    }
  } finally {
    forget();
    for (const { handle } of [...started, ...ended]) handle.cancel();
    await source.close(isFailed);
  }
}

/** The iterator of the items: pulled one at a time, and closed once. */
class Source<I> {
  isPulling = false;
  /** Whether nothing more comes. */
  isExhausted = false;
  /** Whether it has been closed: what still comes is not wanted. */
  isOver = false;
  /** What `next()` or an item has thrown, or why nothing more is wanted. */
  failure: { readonly error: unknown } | undefined = undefined;
  readonly #iterator: AsyncIterator<I> | Iterator<I>;

  constructor(items: Iterable<I> | AsyncIterable<I>) {
    this.#iterator =
      Symbol.asyncIterator in Object(items)
        ? (items as AsyncIterable<I>)[Symbol.asyncIterator]()
        : (items as Iterable<I>)[Symbol.iterator]();
  }

  get isPullable(): boolean {
    return !this.isExhausted && this.failure === undefined;
  }

  /** The next item; undefined at the end and after a failure. Never rejects. */
  async next(): Promise<{ readonly value: I } | undefined> {
    this.isPulling = true;
    try {
      const next = await this.#iterator.next();
      if (next.done !== true) return await this.#value(next.value);
      this.isExhausted = true;
    } catch (error) {
      this.isExhausted = true;
      this.failure = { error };
    } finally {
      this.isPulling = false;
    }
    return undefined;
  }

  /** An item may be a promise. One that rejects ends the pulling, but the source has more and is to be closed. */
  async #value(item: I | PromiseLike<I>): Promise<{ readonly value: I } | undefined> {
    try {
      return { value: await item };
    } catch (error) {
      this.failure = { error };
      return undefined;
    }
  }

  /** Calls `return()` if the source may have more. Waits for it unless it is busy; after a failure its own is dropped. */
  async close(isFailed: boolean): Promise<void> {
    this.isOver = true;
    if (this.isExhausted) return;
    this.isExhausted = true;
    const closing = (async () => {
      await this.#iterator.return?.();
    })();
    if (isFailed || this.isPulling) closing.catch(() => {});
    if (!this.isPulling) await (isFailed ? closing.catch(() => {}) : closing);
  }
}

/** Wakes the one who waits for anything to happen. */
class Bell {
  #isRung = false;
  #wake: (() => void) | undefined = undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#isRung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isRung = false;
    this.#wake = undefined;
  }
}
