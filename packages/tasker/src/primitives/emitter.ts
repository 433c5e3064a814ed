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

/** One event of an {@link Emitter}: for whoever emits it so often that finding it by its name would count. */
export class Channel<Events extends object, E extends keyof Events> {
  readonly event: E;
  readonly #all = new Set<{ readonly call: Listener }>();
  /** Made for a delivery, and good until a listener comes or goes. */
  #listeners: readonly { readonly call: Listener }[] | undefined = undefined;
  /** Whether somebody listens, so that a payload is worth building. */
  isHeard = false;
  private readonly buffer: (channel: Channel<Events, E>, payload: Events[E]) => void;

  constructor(event: E, buffer: (channel: Channel<Events, E>, payload: Events[E]) => void) {
    this.event = event;
    this.buffer = buffer;
  }

  /** See {@link Emitter.emit}. */
  emit(payload: Events[E]): void {
    if (this.isHeard) this.buffer(this, payload);
  }

  /** See {@link Emitter.on}. */
  on(listener: (payload: Events[E]) => unknown): () => void {
    const entry = { call: listener as Listener };
    this.#all.add(entry);
    this.#changed();
    return () => {
      this.#all.delete(entry);
      this.#changed();
    };
  }

  #changed(): void {
    this.#listeners = undefined;
    this.isHeard = this.#all.size > 0;
  }

  /** Those there are now. Never changed, but replaced: a delivery under way goes by what it has found. */
  get listeners(): readonly { readonly call: Listener }[] {
    return (this.#listeners ??= [...this.#all]);
  }
}

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
  // Plain private fields and not #private ones: every task may have three events.
  private readonly run: (fn: () => void) => void;
  private readonly onError: (error: unknown, event: keyof Events) => void;
  private readonly channels = new Map<keyof Events, Channel<Events, never>>();
  /** Channels and payloads in turn. Invariant: a microtask is on its way exactly while this is not empty. */
  private buffer: unknown[] = [];
  private isClosed = false;

  constructor(options: EmitterOptions<Events>) {
    this.run = options.run ?? ((fn) => fn());
    this.onError = options.onError;
  }

  channel<E extends keyof Events>(event: E): Channel<Events, E> {
    let channel = this.channels.get(event) as Channel<Events, E> | undefined;
    if (channel === undefined) {
      channel = new Channel(event, this.add);
      this.channels.set(event, channel as unknown as Channel<Events, never>);
    }
    return channel;
  }

  /** Whether somebody listens, so that a payload is worth building. */
  has(event: keyof Events): boolean {
    return this.channels.get(event)?.isHeard === true;
  }

  /**
   * Adds a listener and returns the function that removes it. The same one may be added twice; each removal removes one.
   * It may be async: a rejection is reported like a throw, but nobody waits.
   * It gets every event delivered from now on, and none after its removal save those of a delivery under way.
   */
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => unknown): () => void {
    return this.channel(event).on(listener);
  }

  /** Buffers an event for delivery. One that nobody listens to is dropped, as is any after {@link close}. */
  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    const channel = this.channels.get(event);
    if (channel?.isHeard === true) this.add(channel, payload);
  }

  /** Ignores what is emitted from now on; what is buffered is still delivered. */
  close(): void {
    this.isClosed = true;
  }

  private readonly add = (channel: object, payload: unknown): void => {
    if (!this.isClosed && this.buffer.push(channel, payload) === 2) inMicrotask(this.deliverAll);
  };

  private readonly deliverAll = (): void => this.run(this.deliverBatch);

  private readonly deliverBatch = (): void => {
    const batch = this.buffer;
    this.buffer = [];
    for (let i = 0; i < batch.length; i += 2) this.deliver(batch[i] as Channel<Events, never>, batch[i + 1] as never);
  };

  private deliver({ listeners, event }: Channel<Events, never>, payload: never): void {
    for (const { call } of listeners) {
      try {
        onRejection(call(payload), this.onError, event);
      } catch (error) {
        this.onError(error, event);
      }
    }
  }
}
