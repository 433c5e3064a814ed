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

/** Calls `tell` once with what a thenable is rejected with; does nothing if it is fulfilled, or is none. Never throws. */
export function onRejection(value: unknown, tell: (error: unknown) => void): void {
  let then: Then | undefined;
  try {
    then = thenOf(value);
  } catch (error) {
    tell(error);
    return;
  }
  if (then === undefined) return;
  const own = then;
  new Promise((resolve, reject) => void Reflect.apply(own, value, [resolve, reject])).catch(tell);
}

/** A promise where none belongs is refused with an error of ours: what it is rejected with has nobody to go to. */
export function ignoreRejection(value: unknown): void {
  onRejection(value, () => {});
}
