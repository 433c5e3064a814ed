import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import { isTaskerError } from '../primitives/errors.ts';
import { Fifo } from '../primitives/fifo.ts';
import type { Slotted } from '../primitives/fifo.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import type { Task, TaskContext, TaskFunction, TaskOptions } from '../tasks/task.ts';
import type { TaskHandle } from './handle.ts';

/** Options of `map()`, and of each of its tasks. */
export interface MapOptions extends TaskOptions {
  /**
   * Maximum number of items pulled from the source and not yet yielded. A positive integer; default
   * `maxWorkerCount * tasksPerWorker`.
   */
  concurrency?: number | undefined;
  /** Whether results come in the order of the items (`true`) or as tasks complete. Default true. */
  ordered?: boolean | undefined;
  /** See {@link SettledMapOptions}. */
  settled?: false | undefined;
}

/** Options of a `map()` that goes on after an item fails. */
export interface SettledMapOptions extends Omit<MapOptions, 'settled'> {
  /** Yields a {@link MapOutcome} for each item, including those that fail. */
  settled: true;
}

/** The outcome of one item of a `map()` with `settled`; `index` is its position in the source, from 0. */
export type MapOutcome<I, T> =
  | { readonly status: 'fulfilled'; readonly value: T; readonly item: I; readonly index: number }
  | { readonly status: 'rejected'; readonly reason: unknown; readonly item: I; readonly index: number };

/** The function that `map()` runs for each item, as a task. */
export type MapFunction<I, R, T> = (item: I, resource: R, context: TaskContext) => T | PromiseLike<T>;

/** What a `map()` begins with. */
export interface MapPlan<I, R, T> {
  readonly items: Iterable<I> | AsyncIterable<I>;
  readonly fn: MapFunction<I, R, T>;
  /** Those of each task. */
  readonly options: TaskOptions;
  readonly concurrency: number;
  readonly isOrdered: boolean;
  readonly isSettled: boolean;
}

interface Failure {
  readonly error: unknown;
}

/** What is yielded. */
type Yielded<I, T> = T | MapOutcome<I, T>;

interface Started<I, T> extends Slotted {
  readonly handle: TaskHandle<T>;
  /** Set when the task has ended. */
  outcome: { readonly value: Yielded<I, T> } | Failure | undefined;
}

type MapState<I, R, T> =
  | { readonly phase: 'new'; readonly begin: () => MapPlan<I, R, T> }
  | { readonly phase: 'opening' }
  | { readonly phase: 'open'; readonly plan: MapPlan<I, R, T>; readonly source: Source<I> }
  | { readonly phase: 'over'; readonly failure: Failure | undefined };

/**
 * Runs a task for each item and yields the results. Pulls no more items than `concurrency` ahead of the consumer, and only
 * while it asks; waits for room in the queue. An error of a task or of the source surfaces at its turn (unordered: at
 * once); with `settled` one of a task is yielded. However it ends, the tasks still open are cancelled and the source's `return()` is called once, unless it has ended
 * by itself.
 *
 * ```
 *   new ── first next() ──▶ opening ──▶ open ── last result, error, abort, return() ──▶ over
 *    │                         └── a wrong option, an aborted signal ──────────────────▲
 *    └── return() ────────────────────────────────────────────────────────────────────┘
 * ```
 *
 * No async generator, because the `return()` of one waits for a pending `next()`, and nothing ends that from outside.
 */
export class Mapping<I, R, T> implements AsyncIterableIterator<Yielded<I, T>> {
  #state: MapState<I, R, T>;
  readonly #owner: MapOwner<R>;
  /** Calls of `next()` that wait for their result, in order. */
  readonly #asked: Deferred<IteratorResult<Yielded<I, T>, undefined>>[] = [];
  /** Tasks of the items pulled and not yet yielded, in order; unordered only those that have not ended. */
  readonly #started = new Fifo<Started<I, T>>();
  /** Unordered, those that have, in the order of their ends. */
  readonly #ended = new Fifo<Started<I, T>>();
  /** One item is on its way at a time, until it is submitted. */
  #isPulling = false;
  #items = 0;
  /** What is to be called at the end. */
  readonly #forget: (() => void)[] = [];
  /** The closing of the source, once it is over. */
  #closing: Promise<void> = Promise.resolve();

  /** `begin` is called at the first `next()`, and what it throws ends it. */
  constructor(begin: () => MapPlan<I, R, T>, owner: MapOwner<R>) {
    this.#state = { phase: 'new', begin };
    this.#owner = owner;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Yielded<I, T>, undefined>> {
    if (this.#state.phase === 'new') this.#open(this.#state.begin);
    const asked = deferred<IteratorResult<Yielded<I, T>, undefined>>();
    this.#asked.push(asked);
    if (this.#isOver) void this.#answerRest();
    else this.#goOn();
    return asked.promise;
  }

  /** Ends it at once, whatever a pending `next()` waits for. Rejects if the source cannot be closed. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave(false);
    await this.#closing;
    return done();
  }

  /** Ends it likewise and rejects with the error. */
  async throw(error: unknown): Promise<never> {
    this.#leave(true);
    await this.#closing;
    throw error;
  }

  /** Items pulled and not yet yielded, the one on its way apart. */
  get #ahead(): number {
    return this.#started.size + this.#ended.size;
  }

  get #isOver(): boolean {
    return this.#state.phase === 'over';
  }

  #open(begin: () => MapPlan<I, R, T>): void {
    this.#state = { phase: 'opening' };
    try {
      const plan = begin();
      const { signal } = plan.options;
      if (signal !== undefined) this.#forget.push(this.#owner.onAbort(signal, (reason) => this.#abort(reason)));
      const source = new Source(plan.items);
      if (this.#isOver) {
        void source.close(true); // opening the source has aborted the signal
        return;
      }
      this.#state = { phase: 'open', plan, source };
      const ended = this.#owner.onEnd((error) => {
        if (!source.isExhausted) source.failure ??= { error }; // who waits for the source need not wait any longer
        this.#goOn();
      });
      this.#forget.push(ended);
    } catch (error) {
      this.#end({ error }, undefined);
    }
  }

  /** Answers those who ask, as far as possible, and has more items pulled for them. */
  #goOn(): void {
    for (;;) {
      const state = this.#state;
      if (state.phase !== 'open' || this.#asked.length === 0) return;
      const { plan, source } = state;
      if (source.isPullable && !this.#isPulling && this.#ahead < plan.concurrency) void this.#pull(plan, source);
      if (!this.#answer(plan.isOrdered, source)) return;
    }
  }

  /** Brings one item on its way. */
  async #pull(plan: MapPlan<I, R, T>, source: Source<I>): Promise<void> {
    this.#isPulling = true;
    const item = await source.next();
    if (item !== undefined) {
      for (let wait = this.#owner.noRoom(); wait !== undefined && !source.isOver; wait = this.#owner.noRoom())
        await wait;
      if (!source.isOver) this.#start(plan, item.value);
    }
    this.#isPulling = false;
    this.#goOn();
  }

  #start({ fn, options, isOrdered, isSettled }: MapPlan<I, R, T>, item: I): void {
    const index = this.#items++;
    const run: TaskFunction<R, T> = (resource, context) => fn(item, resource, context);
    const task: Started<I, T> = { handle: this.#owner.submit(run, options), outcome: undefined, slot: -1 };
    this.#started.push(task);
    const end = (outcome: Started<I, T>['outcome']): void => {
      if (this.#isOver) return;
      task.outcome = outcome;
      if (!isOrdered) {
        this.#started.remove(task);
        this.#ended.push(task);
      }
      this.#goOn();
    };
    task.handle.result.then(
      (value) => end({ value: isSettled ? { status: 'fulfilled', value, item, index } : value }),
      (error: unknown) => {
        const isYielded = isSettled && !this.#isShutdown(error);
        end(isYielded ? { value: { status: 'rejected', reason: error, item, index } } : { error });
      },
    );
  }

  /** Whether a task has ended so because the manager ends: that is no failure of its item. */
  #isShutdown(error: unknown): boolean {
    return (isTaskerError(error, 'STOPPED') || isTaskerError(error, 'KILLED')) && this.#owner.isEnding();
  }

  /** Gives the first who asks what there is for it; false if there is nothing yet. */
  #answer(isOrdered: boolean, source: Source<I>): boolean {
    const next = isOrdered ? this.#started : this.#ended;
    const outcome = next.first?.outcome;
    if (outcome !== undefined) {
      next.shift();
      if ('error' in outcome) this.#fail(outcome, source);
      else this.#asked.shift()?.resolve({ done: false, value: outcome.value });
    } else if (source.failure !== undefined && (!isOrdered || this.#ahead === 0)) {
      this.#fail(source.failure, source);
    } else if (source.isExhausted && this.#ahead === 0) {
      this.#end(undefined, undefined);
      void this.#answerRest();
    } else {
      return false;
    }
    return true;
  }

  /** A task or the source has failed: that is told once the source is closed. */
  #fail(failure: Failure, source: Source<I>): void {
    this.#end(failure, undefined);
    this.#closing = source.close(true);
    void this.#answerRest();
  }

  /** The signal has aborted: nothing is waited for, the closing of the source neither. */
  #abort(reason: unknown): void {
    const source = this.#end({ error: reason }, reason);
    void source?.close(true);
    void this.#answerRest();
  }

  /** The consumer leaves; those who still ask get nothing more. */
  #leave(isFailed: boolean): void {
    const source = this.#end(undefined, undefined);
    if (source !== undefined) this.#closing = source.close(isFailed);
    for (const asked of this.#asked.splice(0)) asked.resolve(done());
  }

  /** Enters `over`, from wherever it is; the tasks still open are cancelled with the reason. Returns the source, if it was open. */
  #end(failure: Failure | undefined, reason: unknown): Source<I> | undefined {
    const state = this.#state;
    if (state.phase === 'over') return undefined;
    this.#state = { phase: 'over', failure };
    for (const forget of this.#forget.splice(0)) forget();
    for (const tasks of [this.#started, this.#ended]) {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task.handle.cancel(reason);
    }
    return state.phase === 'open' ? state.source : undefined;
  }

  /** It is over: the first who asks is told why, if that is worth telling, and the others that nothing more comes. */
  async #answerRest(): Promise<void> {
    await this.#closing.catch(() => {}); // whoever closes it is told
    if (this.#state.phase !== 'over') return;
    const { failure } = this.#state;
    const [first, ...rest] = this.#asked.splice(0);
    if (first === undefined) return;
    this.#state = { phase: 'over', failure: undefined };
    if (failure === undefined) first.resolve(done());
    else first.reject(failure.error);
    for (const asked of rest) asked.resolve(done());
  }
}

const done = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

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
    let hasMore = false;
    try {
      const next = await this.#iterator.next();
      if (next.done !== true) {
        hasMore = true; // even if the item is a promise that rejects: then the source is to be closed
        return { value: await next.value };
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.isPulling = false;
    }
    if (!hasMore) this.isExhausted = true;
    return undefined;
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

/** What `map()` needs of the manager. */
export interface MapOwner<R> {
  submit<T>(task: Task<R, T>, options: TaskOptions): TaskHandle<T>;
  /** Undefined if a task may be submitted now without being refused or pushing another one out; else a wait, to ask again. */
  noRoom(): Promise<void> | undefined;
  /** Calls `listener` when the manager has shut down; returns the function that forgets it. */
  onEnd(listener: (error: unknown) => void): () => void;
  /** Calls `listener` when the signal aborts; returns the function that forgets it. Throws the reason of one that has. */
  onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void;
  /** Whether the manager has begun to stop, or is killed. */
  isEnding(): boolean;
}
