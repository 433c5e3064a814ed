import { inMicrotask } from './microtask.ts';
import { isObjectLike, onRejection } from './thenable.ts';

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
  // Plain private fields and not #private ones: every task may have three events.
  private readonly run: (fn: () => void) => void;
  private readonly onError: (error: unknown, event: keyof Events) => void;
  /** Never changed, but replaced: a delivery under way goes by what it has found. Invariant: none is empty. */
  private readonly listeners = new Map<keyof Events, readonly { readonly call: Listener }[]>();
  /** Events and their payloads in turn. Invariant: a microtask is on its way exactly while this is not empty. */
  private buffer: unknown[] = [];
  private isClosed = false;

  constructor(options: EmitterOptions<Events>) {
    this.run = options.run ?? ((fn) => fn());
    this.onError = options.onError;
  }

  /** Whether somebody listens, so that a payload is worth building. */
  has(event: keyof Events): boolean {
    return this.listeners.has(event);
  }

  /**
   * Adds a listener and returns the function that removes it. The same one may be added twice; each removal removes one.
   * It may be async: a rejection is reported like a throw, but nobody waits.
   * It gets every event delivered from now on, and none after its removal save those of a delivery under way.
   */
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => unknown): () => void {
    const entry = { call: listener as Listener };
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), entry]);
    this.isHeard = true;
    return () => {
      const left = this.listeners.get(event)?.filter((other) => other !== entry);
      if (left === undefined || left.length === 0) this.listeners.delete(event);
      else this.listeners.set(event, left);
      this.isHeard = this.listeners.size > 0;
    };
  }

  /** Buffers an event for delivery. One that nobody listens to is dropped, as is any after {@link close}. */
  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    if (this.isClosed || !this.listeners.has(event)) return;
    if (this.buffer.push(event, payload) === 2) inMicrotask(this.deliverAll);
  }

  /** Ignores what is emitted from now on; what is buffered is still delivered. */
  close(): void {
    this.isClosed = true;
  }

  private readonly deliverAll = (): void => this.run(this.deliverBatch);

  private readonly deliverBatch = (): void => {
    const batch = this.buffer;
    this.buffer = [];
    for (let i = 0; i < batch.length; i += 2) this.deliver(batch[i] as keyof Events, batch[i + 1] as never);
  };

  private deliver(event: keyof Events, payload: never): void {
    const listeners = this.listeners.get(event);
    if (listeners === undefined) return;
    for (const { call } of listeners) {
      try {
        const result = call(payload);
        if (isObjectLike(result)) this.expectNone(event, result);
      } catch (error) {
        this.onError(error, event);
      }
    }
  }

  private expectNone(event: keyof Events, result: object): void {
    onRejection(result, (error) => this.onError(error, event));
  }
}
