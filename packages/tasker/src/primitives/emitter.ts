import { inMicrotask } from './microtask.ts';
import { onRejection } from './thenable.ts';

/** Options of an {@link Emitter}. */
export interface EmitterOptions<Events extends object> {
  /** Calls its argument in the async scope that listeners shall see. Default: calls it. */
  readonly run?: (fn: () => void) => void;
  /** Told what a listener threw, or what the promise it returned was rejected with. Must not throw. */
  readonly onError: (error: unknown, event: keyof Events) => void;
}

type Listener = (payload: never) => unknown;

/**
 * Events that are delivered in order, in a microtask, and never inside the call that caused them: a listener finds
 * the emitting object in a settled state and may call it freely.
 *
 * ```
 *   emit a, emit b ──▶ buffer [a b] ──▶ one microtask: a's listeners, b's listeners
 *                                          └─ emits c ──▶ buffer [c] ──▶ the next microtask
 * ```
 */
export class Emitter<Events extends object> {
  /** Whether anybody listens to anything: what a hot path asks first. */
  isHeard = false;
  readonly #run: (fn: () => void) => void;
  readonly #onError: (error: unknown, event: keyof Events) => void;
  /** Invariant: no set is empty. */
  readonly #listeners = new Map<keyof Events, Set<{ readonly call: Listener }>>();
  /** Invariant: a microtask is on its way exactly while this is not empty. */
  #buffer: { readonly event: keyof Events; readonly payload: unknown }[] = [];
  #isClosed = false;

  constructor(options: EmitterOptions<Events>) {
    this.#run = options.run ?? ((fn) => fn());
    this.#onError = options.onError;
  }

  /** Whether somebody listens, so that a payload is worth building. */
  has(event: keyof Events): boolean {
    return this.#listeners.has(event);
  }

  /**
   * Adds a listener and returns the function that removes it. The same one may be added twice; each removal removes one.
   * It may be async: a rejection is reported like a throw, but nobody waits.
   * It gets every event delivered from now on, and none after its removal save those of a delivery under way.
   */
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => unknown): () => void {
    const entry = { call: listener as Listener };
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(entry));
    this.isHeard = true;
    return () => {
      const left = this.#listeners.get(event);
      if (left?.delete(entry) === true && left.size === 0) this.#listeners.delete(event);
      this.isHeard = this.#listeners.size > 0;
    };
  }

  /** Buffers an event for delivery. One that nobody listens to is dropped, as is any after {@link close}. */
  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    if (this.#isClosed || !this.#listeners.has(event)) return;
    if (this.#buffer.push({ event, payload }) === 1) inMicrotask(() => this.#run(() => this.#deliver()));
  }

  /** Ignores what is emitted from now on; what is buffered is still delivered. */
  close(): void {
    this.#isClosed = true;
  }

  #deliver(): void {
    const batch = this.#buffer;
    this.#buffer = [];
    for (const { event, payload } of batch) {
      // A copy: those added or removed meanwhile change nothing in a delivery under way.
      for (const listener of [...(this.#listeners.get(event) ?? [])]) {
        try {
          const result = listener.call(payload as never);
          onRejection(result, (error) => this.#onError(error, event));
        } catch (error) {
          this.#onError(error, event);
        }
      }
    }
  }
}
