/** `promise`, or a rejection with the signal's reason if that aborts first; then `leave` is called. */
export function untilAbort<T>(signal: AbortSignal, promise: Promise<T>, leave: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      leave();
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
