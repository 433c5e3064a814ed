import type { AsyncScope } from './async-scope.ts';

/** The `then` of a thenable. */
export type Then = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => unknown;

/** A promise with this one calls back once, whoever made it. */
export const nativeThen: unknown = Promise.prototype.then; // oxlint-disable-line typescript/unbound-method -- called with a promise as this

/** Reads `then` once; undefined if the value is no thenable. Throws what a getter throws. */
export function thenOf(value: unknown): Then | undefined {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined;
  const { then } = value as { then?: unknown };
  return typeof then === 'function' ? (then as Then) : undefined;
}

/**
 * Calls `tell` once with what a thenable is rejected with, and `about`; does nothing if it is fulfilled, or is none. Never throws. Makes a
 * closure only for a thenable: this is asked of whatever a collector or a listener returns.
 */
export function onRejection<A>(value: unknown, tell: (error: unknown, about: A) => void, about: A): void {
  try {
    const then = thenOf(value);
    if (then !== undefined) adopt(value, then).catch((error: unknown) => tell(error, about));
  } catch (error) {
    tell(error, about);
  }
}

/** A promise of what a thenable settles with; its `then`, which was read before, is called once, in the scope if there is one. */
export function adopt(thenable: unknown, then: Then, scope?: AsyncScope): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (scope === undefined) Reflect.apply(then, thenable, [resolve, reject]);
    else scope.runInAsyncScope(then, thenable, resolve, reject);
  });
}

/** A promise where none belongs is refused with an error of ours: what it is rejected with has nobody to go to. */
export function ignoreRejection(value: unknown): void {
  onRejection(value, () => {}, undefined);
}
