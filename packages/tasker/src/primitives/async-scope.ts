/** An async context that was captured, in which functions can be called later. */
export interface AsyncScope {
  /** Calls `fn` with `thisArg` and `args` in the captured context and returns its result. */
  runInAsyncScope<A extends unknown[], T>(fn: (...args: A) => T, thisArg: unknown, ...args: A): T;
  /** Says that nothing will run in it any more; absent where the runtime does not want to know. */
  emitDestroy?(): unknown;
}

/** A class whose instances remember the async context in which they are made. */
type ScopeClass = new (type: string, options: { requireManualDestroy: boolean }) => AsyncScope;

interface AsyncHooks {
  AsyncResource: ScopeClass;
  AsyncLocalStorage: new <S>() => AsyncStorage<S>;
}

interface AsyncContextProposal {
  Snapshot: new () => { run<A extends unknown[], T>(fn: (...args: A) => T, ...args: A): T };
}

/** What a runtime may have of it; each may be missing. */
interface Runtime {
  process?: { getBuiltinModule?(id: string): unknown };
  AsyncContext?: Partial<AsyncContextProposal>;
}

/**
 * How the runtime remembers a context: `AsyncResource` of `node:async_hooks` where it exists (Node, Bun, Deno), else
 * `Snapshot` of the AsyncContext proposal, else not at all. Public interfaces only, looked up and never imported.
 */
export function findScope(runtime: object): ScopeClass | undefined {
  const { process, AsyncContext } = runtime as Runtime;
  const hooks = process?.getBuiltinModule?.('node:async_hooks') as Partial<AsyncHooks> | undefined;
  if (hooks?.AsyncResource !== undefined) return hooks.AsyncResource;
  if (AsyncContext?.Snapshot === undefined) return undefined;
  const { Snapshot } = AsyncContext;
  return class {
    readonly #snapshot: InstanceType<typeof Snapshot> = new Snapshot();

    runInAsyncScope<A extends unknown[], T>(fn: (...args: A) => T, thisArg: unknown, ...args: A): T {
      return this.#snapshot.run(() => Reflect.apply(fn, thisArg, args));
    }
  };
}

const Scope = findScope(globalThis);

/** The name of our resources for `async_hooks`. */
export const SCOPE_TYPE = 'TaskerTask';

/**
 * Without `requireManualDestroy` every resource is registered with the garbage collector, at many times the cost. Whoever
 * captures says when it is over, since destroy hooks (of `cls-hooked`, `domain` and APM agents) free what they keep for it then.
 */
export const SCOPE_OPTIONS: { requireManualDestroy: boolean } = { requireManualDestroy: true };

/** Calls functions in whichever context it is called. */
export class NoScope implements AsyncScope {
  runInAsyncScope<A extends unknown[], T>(fn: (...args: A) => T, thisArg: unknown, ...args: A): T {
    return Reflect.apply(fn, thisArg, args);
  }
}

/** What remembers the async context in which it is made, as far as the runtime can; to be extended where each object more counts. */
export const ScopeBase: ScopeClass = Scope ?? NoScope;

/** Captures the async context (`AsyncLocalStorage`) of the caller; undefined where the runtime cannot. */
export function captureScope(): AsyncScope | undefined {
  return Scope && new Scope(SCOPE_TYPE, SCOPE_OPTIONS);
}

/** What we use of an `AsyncLocalStorage`. */
export interface AsyncStorage<S> {
  run<T>(store: S, fn: () => T): T;
  getStore(): S | undefined;
  /** Ends its cost for the process, which in older runtimes every promise has. */
  disable(): void;
}

/** A new `AsyncLocalStorage`, looked up like the rest; undefined where the runtime has none. */
export function makeStorage<S>(runtime: object = globalThis): AsyncStorage<S> | undefined {
  const { process } = runtime as Runtime;
  const hooks = process?.getBuiltinModule?.('node:async_hooks') as Partial<AsyncHooks> | undefined;
  return hooks?.AsyncLocalStorage && new hooks.AsyncLocalStorage<S>();
}
