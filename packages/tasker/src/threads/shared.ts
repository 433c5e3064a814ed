/**
 * Two numbers in memory that a thread shares with its owner, for what must be seen while it computes and hears nothing.
 * Absent in a page that is not cross-origin isolated.
 */
export type SharedNumbers = Int32Array;

/** The number of aborts sent; the owner writes it, after sending. */
export const ABORTS = 0;
/** The call whose function the thread is in; 0 = none. The thread writes it. */
export const CURRENT = 1;

export function sharedNumbers(): SharedNumbers | undefined {
  return typeof SharedArrayBuffer === 'function' ? new Int32Array(new SharedArrayBuffer(8)) : undefined;
}
