import type { AbortSignal } from '../primitives/platform.ts';
import type { ThreadCall } from './module-types.ts';
import type { Pump } from './pump.ts';
import type { RemoteCallbacks } from './remote-callbacks.ts';

/** The thread, as one of its calls sees it. */
export interface CallHost {
  readonly state: unknown;
  /** The call wants to hear of its abort before it returns. */
  watch(call: RunningCall): void;
  /** Looks for aborts that have arrived while a function keeps the thread busy. */
  poll(): void;
}

/** A call in the thread that runs it: `this` of its function. */
export class RunningCall implements ThreadCall<unknown> {
  readonly id: number;
  /** The name of the function. */
  readonly name: string;
  /** What it yields, if it is a stream. */
  pump: Pump | undefined = undefined;
  /** The caller's callbacks, if there are any. */
  callbacks: RemoteCallbacks | undefined = undefined;
  readonly #host: CallHost;
  #controller: AbortController | undefined = undefined;
  #abortion: { readonly reason: unknown } | undefined = undefined;
  #isLeft = false;
  #isEnded = false;

  constructor(id: number, name: string, host: CallHost) {
    this.id = id;
    this.name = name;
    this.#host = host;
  }

  get state(): unknown {
    return this.#host.state;
  }

  /** Made when somebody looks at it. To look at `aborted` is also to look at what has arrived. */
  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    if (!this.#isEnded) this.#host.watch(this);
    if (this.#abortion !== undefined) controller.abort(this.#abortion.reason);
    const isAborted = (): boolean => {
      if (!this.isAborted) this.#host.poll();
      return hasAborted(signal);
    };
    const throwIfAborted = (): void => {
      if (isAborted()) throw signal.reason;
    };
    Object.defineProperty(signal, 'aborted', { get: isAborted });
    Object.defineProperty(signal, 'throwIfAborted', { value: throwIfAborted });
    return signal;
  }

  get isAborted(): boolean {
    return this.#abortion !== undefined;
  }

  /** Whether an error is the abort, passed on: the reason itself, or as Node's functions wrap it. */
  isAbortError(error: unknown): boolean {
    if (this.#abortion === undefined) return false;
    const { reason } = this.#abortion;
    return error === reason || (error instanceof Error && error.name === 'AbortError' && error.cause === reason);
  }

  get abortReason(): unknown {
    return this.#abortion?.reason;
  }

  /** Whether the consumer of its items has left, so that an end by abort is a good end. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Nobody waits for the result any more. */
  abort(reason: unknown): void {
    if (this.#abortion !== undefined) return;
    this.#abortion = { reason };
    this.#controller?.abort(reason);
    this.pump?.wake();
  }

  /** Its function has ended: nobody is told of an abort any more. */
  end(): void {
    this.#isEnded = true;
    this.callbacks?.end();
  }

  /** The consumer of its items wants no more. */
  leave(): void {
    this.#isLeft = true;
    this.abort(new DOMException('the consumer of the stream has left', 'AbortError'));
  }
}

/** What the signal says itself: a controller of Deno asks it, and does nothing if it has aborted already. */
function hasAborted(signal: AbortSignal): boolean {
  return Reflect.get(Object.getPrototypeOf(signal) as object, 'aborted', signal) as boolean;
}
