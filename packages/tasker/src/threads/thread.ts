import type { CallOptions, StreamOptions } from './calls.ts';
import type { ArgumentsOf, CallName, Exports, ItemOf, ResultOf, StreamName } from './module-types.ts';

/** A thread, or a process, in which the functions of a module run. `M` is the type of the module. */
export interface Thread<M> {
  /** The runtime's number of the thread, undefined where it has none; of a process its pid. */
  readonly id: number | undefined;
  /** Calls and streams that are under way. */
  readonly pending: number;
  /**
   * Calls a function of the module. Functions among the arguments, and in plain objects among them, are callbacks: the
   * thread calls them as async functions for as long as the call lasts.
   *
   * Rejects with what the function throws, `signal.reason` if it was aborted before, or a {@link ThreadError}.
   */
  call<K extends CallName<Exports<M>>>(
    name: K,
    args: ArgumentsOf<Exports<M>[K]>,
    options?: CallOptions,
  ): Promise<ResultOf<Exports<M>[K]>>;
  /** {@link call} without options. */
  run<K extends CallName<Exports<M>>>(name: K, ...args: ArgumentsOf<Exports<M>[K]>): Promise<ResultOf<Exports<M>[K]>>;
  /**
   * Streams what a generator of the module, or a function that returns an iterable, yields. It runs ahead of the consumer
   * by `window` items at most. It begins with the first `next()`; `return()`, so also `break`, aborts its
   * `this.signal`, ends it and waits for that.
   */
  stream<K extends StreamName<Exports<M>>>(
    name: K,
    args: ArgumentsOf<Exports<M>[K]>,
    options?: StreamOptions,
  ): AsyncIterableIterator<ItemOf<Exports<M>[K]>>;
}
