const RESOLVED = Promise.resolve();

/**
 * Calls `fn`, which must not throw, in a microtask: at a third of the cost of Node's `queueMicrotask`, which makes an async resource,
 * and whatever fake timers have made of that.
 */
export function inMicrotask(fn: () => void): void {
  void RESOLVED.then(fn);
}
