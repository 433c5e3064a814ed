/** A promise and the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

type Executor = ConstructorParameters<typeof Promise<unknown>>[0];

let resolvers: Parameters<Executor> | undefined;

/** One for all promises: a closure for each would cost a submission a tenth of its time. */
const capture: Executor = (resolve, reject) => {
  resolvers = [resolve, reject];
};

/** `Promise.withResolvers()`, which Node 20 does not have. */
export function deferred<T>(): Deferred<T> {
  const promise = new Promise(capture) as Promise<T>;
  const [resolve, reject] = resolvers as Parameters<Executor>; // the executor runs inside the constructor
  resolvers = undefined;
  return { promise, resolve, reject };
}
