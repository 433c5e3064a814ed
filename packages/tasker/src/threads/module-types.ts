import type { AbortSignal } from '../primitives/platform.ts';

/** The exports of a module that runs in a thread. */
export type ThreadModule = Record<string, (...args: unknown[]) => unknown>;

/**
 * `this` of a function that runs in a thread.
 *
 * @example
 * ```ts
 * import type { ThreadCall } from 'tasker/threads';
 *
 * export const onCreate = async ({ path }: { path: string }) => ({ model: await load(path) });
 * type State = Awaited<ReturnType<typeof onCreate>>;
 *
 * export function classify(this: ThreadCall<State>, text: string): string {
 *   for (const label of this.state.model.labels) {
 *     this.signal.throwIfAborted();
 *     if (text.includes(label)) return label;
 *   }
 *   return 'other';
 * }
 * ```
 */
export interface ThreadCall<State = undefined> {
  /** The result of the module's `onCreate`, which lives as long as the thread. */
  readonly state: State;
  /**
   * Aborts when the caller's signal does. In Node, Bun and Deno `aborted` and `throwIfAborted()` show that at once,
   * even in a loop that never waits; elsewhere, as with any event, when the function next waits.
   */
  readonly signal: AbortSignal;
}

type AnyFunction = (this: never, ...args: never) => unknown;

/** Of a function that always throws, or never ends. */
type IsNever<T> = [T] extends [never] ? true : false;

type Hook = 'onCreate' | 'onDestroy';

/** The exports of a module: its named exports and the fields of its default export. */
export type Exports<M> = M extends { default: infer D extends object } ? Omit<D, keyof M> & M : M;

/** The names of the functions that a module exports, its hooks apart. */
type FunctionName<M> = Exclude<{ [K in keyof M]: M[K] extends AnyFunction ? K : never }[keyof M], Hook> & string;

/** The names of the functions for `call` and `run`: all except generators. */
export type CallName<M> = {
  [K in FunctionName<M>]: IsNever<ResultOf<M[K]>> extends true
    ? K
    : ResultOf<M[K]> extends Generator | AsyncGenerator
      ? never
      : K;
}[FunctionName<M>];

/** The names of the functions for `stream`: generators, and others that return an iterable. */
export type StreamName<M> = {
  [K in FunctionName<M>]: IsNever<ResultOf<M[K]>> extends true
    ? never
    : unknown extends ResultOf<M[K]>
      ? K
      : ResultOf<M[K]> extends Iterable<unknown> | AsyncIterable<unknown>
        ? K
        : never;
}[FunctionName<M>];

/** The awaited result of a function, as it arrives. */
export type ResultOf<F> = F extends (this: never, ...args: never) => infer R ? Cloned<Awaited<R>> : never;

/** An item that a function yields, as it arrives. */
export type ItemOf<F> = ResultOf<F> extends Iterable<infer T> | AsyncIterable<infer T> ? Cloned<Awaited<T>> : unknown;

/** What arrives of a value: of a `Buffer`, which a clone knows nothing of, the `Uint8Array` that it is. */
type Cloned<T> = IsNever<T> extends true ? T : T extends Uint8Array & { readUInt8: unknown } ? Uint8Array : T;

/**
 * The arguments of a function, as the caller gives them: a callback may be sync where the function awaits its answer
 * anyway.
 */
export type ArgumentsOf<F> = F extends (this: never, ...args: infer A) => unknown
  ? { [I in keyof A]: ArgumentOf<A[I]> }
  : never;

type ArgumentOf<A> = A extends (...args: infer P) => infer R
  ? (...args: P) => R | Awaited<R> | PromiseLike<Awaited<R>>
  : A;

/** The argument of a module's `onCreate`. */
export type DataOf<M> = M extends { onCreate: (data: infer D) => unknown } ? D : unknown;
