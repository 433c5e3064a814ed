import type { AbortSignal } from './platform.ts';

/** The items that watch one signal; it is itself the listener, so that none needs a closure. */
class Watchers<T> {
  readonly signal: AbortSignal;
  readonly items = new Set<T>();
  readonly #fire: (watchers: Watchers<T>) => void;

  constructor(signal: AbortSignal, fire: (watchers: Watchers<T>) => void) {
    this.signal = signal;
    this.#fire = fire;
  }

  handleEvent(): void {
    this.#fire(this);
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

  /** `onAbort` is called for every item that still watches a signal when it aborts, in the order of watching. */
  constructor(onAbort: (item: T, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  /** Number of signals watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Starts watching. The caller has checked that the signal is not aborted yet: one that is never fires. */
  watch(signal: AbortSignal, item: T): void {
    let watchers = this.#watched.get(signal);
    if (watchers === undefined) {
      watchers = new Watchers<T>(signal, this.#fire);
      this.#watched.set(signal, watchers);
      signal.addEventListener('abort', watchers);
    }
    watchers.items.add(item);
  }

  /** Stops watching, even while the signal's items are being told; does nothing if the item does not watch it. */
  unwatch(signal: AbortSignal, item: T): void {
    const watchers = this.#watched.get(signal);
    if (watchers === undefined) this.#firing.get(signal)?.items.delete(item);
    else if (watchers.items.delete(item) && watchers.items.size === 0) this.#forget(watchers);
  }

  #forget(watchers: Watchers<T>): void {
    this.#watched.delete(watchers.signal);
    watchers.signal.removeEventListener('abort', watchers);
  }

  /** Tells everybody, also if somebody throws; the first error is thrown at the end. */
  readonly #fire = (watchers: Watchers<T>): void => {
    const { signal, items } = watchers;
    this.#forget(watchers);
    this.#firing.set(signal, watchers);
    const failures: unknown[] = [];
    for (const item of items) {
      try {
        this.#onAbort(item, signal.reason);
      } catch (error) {
        failures.push(error);
      }
    }
    this.#firing.delete(signal);
    if (failures.length > 0) throw failures[0];
  };
}
