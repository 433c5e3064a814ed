import type { CallOptions, StreamOptions } from './calls.ts';
import type { ArgumentsOf, CallName, Exports, ItemOf, ResultOf, StreamName } from './module-types.ts';

/** A thread or process that runs the functions of a module. `M` is the type of the module. */
export interface Thread<M> {
  /** The runtime's number of the thread, or undefined where it has none; for a process, its pid. */
  readonly id: number | undefined;
  /** Number of calls and streams in progress. */
  readonly pending: number;
  /**
   * Calls a function of the module. Functions among the arguments, and in plain objects among them, are callbacks: the
   * thread may call them, as async functions, while the call lasts.
   *
   * Rejects with what the function throws, with `signal.reason` if the signal aborted before the call, or with a
   * {@link ThreadError}.
   */
  call<K extends CallName<Exports<M>>>(
    name: K,
    args: ArgumentsOf<Exports<M>[K]>,
    options?: CallOptions,
  ): Promise<ResultOf<Exports<M>[K]>>;
  /** {@link call} without options. */
  run<K extends CallName<Exports<M>>>(name: K, ...args: ArgumentsOf<Exports<M>[K]>): Promise<ResultOf<Exports<M>[K]>>;
  /**
   * Streams what a generator of the module, or a function that returns an iterable, yields. The function starts with
   * the first `next()` and runs ahead of the consumer by at most `window` items. `return()`, and so `break`, aborts its
   * `this.signal`, ends it and waits for its end.
   */
  stream<K extends StreamName<Exports<M>>>(
    name: K,
    args: ArgumentsOf<Exports<M>[K]>,
    options?: StreamOptions,
  ): AsyncIterableIterator<ItemOf<Exports<M>[K]>>;
}
