import type { Callback } from './arguments.ts';
import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import type { Pending } from './pending.ts';

/** What a queue asks of the thread. */
export interface StreamSource {
  /** Calls the function. May throw; then it was not called. */
  start(stream: StreamQueue): void;
  /** The consumer has taken so many items: as many more may come. */
  credit(items: number): void;
  /** The consumer wants no more. */
  end(): void;
  /** The consumer has begun, or ceased, to wait for an item or the end. */
  awaited(isAwaited: boolean): void;
}

/**
 * - `new`: nothing was asked for, and nothing was sent.
 * - `open`: the function runs, or waits for credit.
 * - `returning`: the consumer wants no more; what comes is dropped until the function has ended.
 * - `ended`: the function has; `failure` is what it threw, until somebody has heard of it.
 */
type State =
  | { readonly name: 'new' }
  | { readonly name: 'open' }
  | { readonly name: 'returning' }
  | { readonly name: 'ended'; readonly value: unknown; readonly failure?: { readonly error: unknown } };

/** The owner's end of a stream: items that have come and were not taken, or takers that wait for items. */
export class StreamQueue implements Pending {
  callbacks: readonly Callback[] = [];
  readonly signal: AbortSignal | undefined;
  readonly #window: number;
  readonly #source: StreamSource;
  #state: State = { name: 'new' };
  /** Come and not taken; empty while somebody waits. At most `window`. */
  #items: unknown[] = [];
  /** Those who wait for the next item, in order. */
  #takers: Deferred<IteratorResult<unknown>>[] = [];
  /** Those who wait for the end. */
  #leavers: Deferred<IteratorResult<unknown>>[] = [];
  #isAwaited = false;
  /** Items taken that the thread has not heard of. */
  #taken = 0;

  constructor(window: number, signal: AbortSignal | undefined, source: StreamSource) {
    this.#window = window;
    this.signal = signal;
    this.#source = source;
  }

  async next(): Promise<IteratorResult<unknown>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift();
      this.#took();
      return { value, done: false };
    }
    if (this.#state.name === 'ended') return this.#last();
    const taker = deferred<IteratorResult<unknown>>();
    this.#takers.push(taker);
    this.#countAwaited();
    if (this.#state.name === 'new') this.#start();
    return taker.promise;
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#items = [];
    if (this.#state.name === 'new' || this.#state.name === 'ended') {
      this.#state = { name: 'ended', value: undefined };
      return { value, done: true };
    }
    const leaver = deferred<IteratorResult<unknown>>();
    this.#leavers.push(leaver);
    this.#countAwaited();
    if (this.#state.name === 'open') {
      this.#state = { name: 'returning' };
      this.#source.end();
    }
    await leaver.promise;
    return { value, done: true };
  }

  item(value: unknown): void {
    if (this.#state.name !== 'open') return;
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#items.push(value);
      return;
    }
    this.#countAwaited();
    this.#took();
    taker.resolve({ value, done: false });
  }

  resolve(value: unknown): void {
    this.#end({ name: 'ended', value });
  }

  reject(error: unknown): void {
    this.#end({ name: 'ended', value: undefined, failure: { error } });
  }

  /** Says whether somebody waits: a stream that its consumer has forgotten keeps no process alive. */
  #countAwaited(): void {
    const isAwaited = this.#takers.length + this.#leavers.length > 0;
    if (isAwaited === this.#isAwaited) return;
    this.#isAwaited = isAwaited;
    this.#source.awaited(isAwaited);
  }

  #start(): void {
    this.#state = { name: 'open' };
    try {
      this.signal?.throwIfAborted();
      this.#source.start(this);
    } catch (error) {
      this.reject(error);
    }
  }

  /** The thread is told of what was taken by halves of the window, so that it need not wait. */
  #took(): void {
    this.#taken++;
    if (this.#state.name !== 'open' || this.#taken * 2 < this.#window) return;
    this.#source.credit(this.#taken);
    this.#taken = 0;
  }

  #end(state: State & { name: 'ended' }): void {
    this.#state = state;
    const [takers, leavers] = [this.#takers, this.#leavers];
    this.#takers = [];
    this.#leavers = [];
    this.#countAwaited();
    for (const waiting of [...leavers, ...takers]) this.#tell(waiting);
  }

  #tell(waiting: Deferred<IteratorResult<unknown>>): void {
    try {
      waiting.resolve(this.#last());
    } catch (error) {
      waiting.reject(error);
    }
  }

  /** What comes after the last item: the error or the value once, and nothing afterwards. */
  #last(): IteratorResult<unknown> {
    if (this.#state.name !== 'ended') throw new Error('a stream has a last result only once it has ended');
    const { value, failure } = this.#state;
    this.#state = { name: 'ended', value: undefined };
    if (failure !== undefined) throw failure.error;
    return { value, done: true };
  }
}
