import { describe, messageOf, nearest } from '../primitives/check.ts';
import { systemClock } from '../primitives/clock.ts';
import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import { TaskerError } from '../index.ts';
import { Calls } from './calls.ts';
import type { CallOptions, StreamOptions } from './calls.ts';
import { decodeThrown } from './error-codec.ts';
import type { Thrown } from './error-codec.ts';
import { subjectOf } from './port.ts';
import type { ThreadPort } from './port.ts';
import * as kind from './protocol.ts';
import type { ThreadInit } from './protocol.ts';
import { ThreadError } from './thread-error.ts';

/**
 * - `starting`: the module is being loaded, then its `onCreate` runs.
 * - `ready`: takes calls; `functions` has the number of each.
 * - `closing`: the module's `onDestroy` runs; takes no call.
 * - `gone`: final. `error` says why.
 */
type State =
  | { readonly name: 'starting'; readonly ready: Deferred<void> }
  | { readonly name: 'ready'; readonly functions: ReadonlyMap<string, number> }
  | { readonly name: 'closing'; readonly closed: Deferred<void> }
  | { readonly name: 'gone'; readonly error: ThreadError };

/** Milliseconds that calls which nobody waits for have to end before their thread is terminated. */
const BUSY_GRACE = 500;

/** A `Thread`, without the types of its module, and its life from the start to the end. */
export class ModuleThread {
  readonly #port: ThreadPort;
  readonly #module: string;
  readonly #calls: Calls;
  readonly #onDeath: (error: ThreadError) => void;
  readonly #exit = deferred<void>();
  #state: State = { name: 'starting', ready: deferred<void>() };
  /** An error outside of any call. */
  #failure: { readonly error: unknown } | undefined = undefined;
  /** Why it was ended from here, other than by its owner. */
  #verdict: ThreadError | undefined = undefined;
  /** Whether it was told to end, so that its exit is no news. */
  #isEnding = false;

  /** `onDeath` is called if it ends without having been told to. */
  constructor(port: ThreadPort, init: ThreadInit, abortTimeout: number, onDeath: (error: ThreadError) => void) {
    this.#port = port;
    this.#module = init.module;
    this.#calls = new Calls(port, init.shared, abortTimeout, () => {
      const message = `${subjectOf(port)} computed on for ${abortTimeout} ms after a call was aborted, and was ended`;
      this.#verdict = new ThreadError('THREAD_STUCK', message);
      port.terminate();
    });
    this.#onDeath = onDeath;
    port.listen({
      onMessage: (message) => this.#calls.receive(message, (what, content) => this.#hear(what, content)),
      onError: (error) => {
        this.#failure ??= { error };
      },
      onExit: (code, signal) => this.#end(code, signal),
    });
  }

  get id(): number | undefined {
    return this.#port.id;
  }

  get pending(): number {
    return this.#calls.size;
  }

  /** Resolves when it takes calls; rejects with what kept it from that, or the signal's reason, once it has ended. */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    const state = this.#state;
    if (state.name !== 'starting') throw new Error(`a thread is waited for while it is starting, not ${state.name}`);
    const onAbort = (): void => state.ready.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    try {
      await state.ready.promise;
      this.#port.hold(this.#calls.isAwaited);
    } catch (error) {
      await this.terminate();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  call(name: string, args: readonly unknown[], options?: CallOptions): Promise<unknown> {
    const fn = this.#find(name);
    return typeof fn === 'number' ? this.#calls.call(fn, args, options) : Promise.reject(fn);
  }

  run(name: string, ...args: unknown[]): Promise<unknown> {
    const fn = this.#find(name);
    return typeof fn === 'number' ? this.#calls.call(fn, args, undefined) : Promise.reject(fn);
  }

  stream(name: string, args: readonly unknown[], options: StreamOptions = {}): AsyncIterableIterator<unknown> {
    const { window } = options;
    if (window !== undefined && !(Number.isSafeInteger(window) && window > 0)) {
      throw new TaskerError('INVALID_CONFIG', `window must be a positive integer, got ${describe(window)}`);
    }
    const queue = this.#calls.stream(() => this.#find(name), args, options);
    return {
      next: () => queue.next(),
      return: (value) => queue.return(value),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Lets the module's `onDestroy` end, for at most `timeout` ms, then ends the thread. Calls that are under way were given
   * up by the manager: their signals abort, and they have {@link BUSY_GRACE}. Rejects with what `onDestroy` throws.
   */
  async close(timeout: number): Promise<void> {
    if (this.#state.name !== 'ready') return this.terminate();
    const closed = deferred<void>();
    const isBusy = this.#calls.size > 0;
    this.#state = { name: 'closing', closed };
    this.#port.hold(true);
    const timer = systemClock.setTimeout(
      () => {
        if (isBusy) closed.resolve();
        else closed.reject(new Error(`the module's onDestroy took longer than destroyTimeout, ${timeout} ms`));
      },
      isBusy ? Math.min(timeout, BUSY_GRACE) : timeout,
    );
    try {
      this.#calls.close();
      await closed.promise;
    } finally {
      systemClock.clearTimeout(timer);
      await this.terminate();
    }
  }

  /** Ends the thread wherever it is, and waits for that. Its calls reject when it has ended. */
  terminate(): Promise<void> {
    this.#isEnding = true;
    if (this.#state.name !== 'gone') this.#port.terminate();
    return this.#exit.promise;
  }

  #find(name: string): number | ThreadError {
    const state = this.#state;
    if (state.name === 'gone') return state.error;
    if (state.name !== 'ready')
      return new ThreadError('THREAD_EXITED', `${subjectOf(this.#port)} is ${state.name} and takes no calls`);
    return state.functions.get(name) ?? noSuchFunction(this.#module, name, [...state.functions.keys()]);
  }

  /** What the thread says about itself. */
  #hear(what: number, content: unknown): void {
    const state = this.#state;
    switch (what) {
      case kind.READY: {
        if (state.name !== 'starting') return;
        const names = content as readonly string[];
        this.#state = { name: 'ready', functions: new Map(names.map((name, fn) => [name, fn])) };
        state.ready.resolve();
        return;
      }
      case kind.FAILED:
        this.#failure ??= { error: decodeThrown(content as Thrown) };
        if (state.name === 'starting') state.ready.reject(this.#failure.error);
        this.#port.terminate();
        return;
      case kind.CLOSED:
        if (state.name === 'closing') state.closed.resolve();
        return;
      case kind.CLOSE_FAILED:
        if (state.name === 'closing') state.closed.reject(decodeThrown(content as Thrown));
    }
  }

  #end(code: number | undefined, signal: string | undefined): void {
    const state = this.#state;
    if (state.name === 'gone') return;
    const error = this.#causeOfDeath(code, signal);
    this.#state = { name: 'gone', error };
    if (state.name === 'starting') state.ready.reject(error);
    if (state.name === 'closing') state.closed.reject(error); // it ended before its `onDestroy` had: see close()
    this.#calls.failAll(error);
    this.#exit.resolve();
    if (!this.#isEnding) this.#onDeath(error);
  }

  #causeOfDeath(code: number | undefined, signal: string | undefined): ThreadError {
    if (this.#verdict !== undefined) return this.#verdict;
    const subject = subjectOf(this.#port);
    if (this.#failure !== undefined) {
      const { error: cause } = this.#failure;
      const isMemory = (cause as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (isMemory) return new ThreadError('OUT_OF_MEMORY', `${subject} reached its resourceLimits`, { cause });
      return new ThreadError('THREAD_FAILED', `${subject} failed outside of a call: ${messageOf(cause)}`, { cause });
    }
    if (this.#isEnding) return new ThreadError('THREAD_EXITED', `${subject} was ended before it answered`);
    if (signal !== undefined) return new ThreadError('THREAD_EXITED', `${subject} was ended by ${signal}`);
    return new ThreadError('THREAD_EXITED', `${subject} exited${code === undefined ? '' : ` with code ${code}`}`);
  }
}

function noSuchFunction(module: string, name: string, known: string[]): ThreadError {
  const hint = nearest(name, known);
  const exported = known.length === 0 ? 'none' : known.join(', ');
  return new ThreadError(
    'NO_SUCH_FUNCTION',
    `${module} exports no function ${describe(name)}${hint === undefined ? '' : `, did you mean ${hint}?`}; its functions: ${exported}`,
  );
}
