/** A promise and the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

type Executor = ConstructorParameters<typeof Promise<unknown>>[0];

/** Those of the promise that was made last. */
let resolve: Parameters<Executor>[0] = () => {};
let reject: Parameters<Executor>[1] = () => {};
const none = resolve;

/** One for all promises: a closure for each would cost a submission a tenth of its time. */
const capture: Executor = (itsResolve, itsReject) => {
  resolve = itsResolve;
  reject = itsReject;
};

/** `Promise.withResolvers()`, which Node 20 does not have. */
export function deferred<T>(): Deferred<T> {
  const promise = new Promise(capture) as Promise<T>;
  const made = { promise, resolve, reject };
  resolve = none; // nothing is held of it from here
  reject = none;
  return made;
}
