import { inMicrotask } from '../primitives/microtask.ts';
import { BUNDLE_REMEDY } from './bundle-remedy.ts';
import type { ThreadEvents, ThreadPort } from './port.ts';
import type { Message, ThreadInit } from './protocol.ts';

/** An error without a message is one of loading: of a host that a bundler has not bundled, for example. */
const UNLOADED = `the worker's file, or what it imports, cannot be loaded; if the program is bundled, ${BUNDLE_REMEDY}`;

interface WebErrorEvent {
  readonly message?: string;
  readonly error?: unknown;
  preventDefault(): void;
}

/** The standard `Worker`, as far as it is used here. */
export interface WebWorker {
  addEventListener(type: 'error', listener: (event: WebErrorEvent) => void): void;
  postMessage(message: unknown, transfer: readonly object[]): void;
  terminate(): void;
}

interface WebPort {
  addEventListener(type: 'message' | 'messageerror', listener: (event: { readonly data: Message }) => void): void;
  /** Lets messages arrive. */
  start(): void;
  close(): void;
  postMessage(message: unknown, transfer: readonly object[]): void;
}

/** The channel that the thread and its owner talk over. */
export interface WebChannel {
  readonly port1: WebPort;
  readonly port2: WebPort;
}

/**
 * A web worker. It does not say that it has ended, and survives errors that would end a thread elsewhere: here they end
 * it too, since nobody knows what such a worker still does.
 */
export class WebThreadPort implements ThreadPort {
  readonly id: undefined = undefined;
  readonly #worker: WebWorker;
  readonly #port: WebPort;
  #events: ThreadEvents | undefined = undefined;

  /** Throws if `data` cannot be cloned. */
  constructor(worker: WebWorker, { port1, port2 }: WebChannel, init: ThreadInit) {
    this.#worker = worker;
    this.#port = port1;
    try {
      worker.postMessage({ tasker: { ...init, port: port2 } }, [port2]);
    } catch (error) {
      this.terminate();
      throw error;
    }
  }

  listen(events: ThreadEvents): void {
    this.#events = events;
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault(); // else it is an uncaught error of the page, too
      this.#fail(event.error ?? new Error(event.message ?? UNLOADED));
    });
    this.#port.addEventListener('messageerror', () => this.#fail(new Error('a message of the thread cannot be read')));
    this.#port.addEventListener('message', ({ data }) => this.#events?.onMessage(data));
    this.#port.start();
  }

  post(message: Message, transfer: readonly object[]): void {
    this.#port.postMessage(message, transfer);
  }

  hold(): void {} // no process to be kept alive

  terminate(): void {
    this.#worker.terminate();
    this.#port.close();
    const events = this.#events;
    this.#events = undefined;
    // Not inside this call, as elsewhere.
    inMicrotask(() => events?.onExit());
  }

  #fail(error: unknown): void {
    this.#events?.onError(error);
    this.terminate();
  }
}
