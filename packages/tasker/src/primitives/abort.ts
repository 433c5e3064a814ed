import type { AbortSignal } from './platform.ts';

/** What an `AbortController` aborts with if it is given no reason. */
export function abortError(): unknown {
  const controller = new AbortController();
  controller.abort();
  return controller.signal.reason;
}

/** The reason of an aborted signal; an `AbortError` for one that has none, as those of some polyfills. */
export function reasonOf(signal: AbortSignal): unknown {
  const { reason } = signal as { readonly reason?: unknown };
  return reason === undefined ? abortError() : reason;
}

/** The items that watch one signal. */
class Watchers<T> {
  readonly signal: AbortSignal;
  readonly items = new Set<T>();
  /** The first item, while `addEventListener` runs: if that calls the listener, the item is told by its caller. */
  arming: T | undefined = undefined;
  /** Our only listener on the signal: a function, since not every signal knows objects as listeners. */
  readonly listener: () => void;

  constructor(signal: AbortSignal, fire: (watchers: Watchers<T>) => void) {
    this.signal = signal;
    this.listener = () => fire(this);
  }
}

/**
 * Watches callers' abort signals, at the cost of one listener for each distinct signal however many items hang on it,
 * and of none once the last of them is gone: a million tasks on one signal leak nothing.
 */
export class AbortWatch<T> {
  /** Invariant: the values are our only listeners on the keys, and none is empty. */
  readonly #watched = new Map<AbortSignal, Watchers<T>>();
  /** Signals that have just aborted and whose items are being told. */
  readonly #firing = new Map<AbortSignal, Watchers<T>>();
  readonly #onAbort: (item: T, reason: unknown) => void;
  readonly #onError: (error: unknown) => void;

  /**
   * `onAbort` is called for every item that still watches a signal when it aborts, in the order of watching; `onError` is
   * told what it throws, and what a signal throws when it is left or asked for its reason.
   */
  constructor(onAbort: (item: T, reason: unknown) => void, onError: (error: unknown) => void = () => {}) {
    this.#onAbort = onAbort;
    this.#onError = onError;
  }

  /** Number of signals watched. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Starts watching; false if the signal has aborted meanwhile. The caller has seen that it is not aborted yet: one that is
   * never fires. Throws what `addEventListener` throws; then nothing is watched.
   */
  watch(signal: AbortSignal, item: T): boolean {
    let watchers = this.#watched.get(signal);
    if (watchers !== undefined) {
      watchers.items.add(item);
      return true;
    }
    watchers = new Watchers<T>(signal, this.#fire);
    watchers.items.add(item);
    watchers.arming = item;
    this.#watched.set(signal, watchers);
    try {
      signal.addEventListener('abort', watchers.listener);
    } catch (error) {
      this.#watched.delete(signal);
      throw error;
    }
    watchers.arming = undefined;
    return this.#watched.get(signal) === watchers;
  }

  /** Stops watching, even while the signal's items are being told; does nothing if the item does not watch it. */
  unwatch(signal: AbortSignal, item: T): void {
    const watchers = this.#watched.get(signal);
    if (watchers === undefined) this.#firing.get(signal)?.items.delete(item);
    else if (watchers.items.delete(item) && watchers.items.size === 0) this.#forget(watchers);
  }

  #forget(watchers: Watchers<T>): void {
    this.#watched.delete(watchers.signal);
    try {
      watchers.signal.removeEventListener('abort', watchers.listener);
    } catch (error) {
      this.#onError(error);
    }
  }

  readonly #fire = (watchers: Watchers<T>): void => {
    const { signal, items } = watchers;
    if (this.#watched.get(signal) !== watchers) return; // called twice
    this.#forget(watchers);
    this.#firing.set(signal, watchers);
    const reason = this.#reason(signal);
    for (const item of items) if (item !== watchers.arming) this.#tell(item, reason);
    this.#firing.delete(signal);
  };

  #tell(item: T, reason: unknown): void {
    try {
      this.#onAbort(item, reason);
    } catch (error) {
      this.#onError(error);
    }
  }

  #reason(signal: AbortSignal): unknown {
    try {
      return reasonOf(signal);
    } catch (error) {
      this.#onError(error);
      return abortError();
    }
  }
}
