import type { AbortSignal } from '../primitives/platform.ts';
import type { Callback } from './arguments.ts';

/** Somebody who waits for the answer of a thread: a call or a stream. Answered once. */
export interface Pending {
  /** The signal that it watches. */
  readonly signal: AbortSignal | undefined;
  readonly callbacks: readonly Callback[];
  /** The function in the thread has returned. */
  resolve(value: unknown): void;
  /** It has thrown, could not be called, or the thread has died. */
  reject(error: unknown): void;
  /** It has yielded. */
  item(value: unknown): void;
}

const NONE: readonly Callback[] = [];

/** One call. */
export class PendingCall implements Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly callbacks: readonly Callback[];

  constructor(
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
    signal?: AbortSignal,
    callbacks: readonly Callback[] = NONE,
  ) {
    this.resolve = resolve;
    this.reject = reject;
    this.signal = signal;
    this.callbacks = callbacks;
  }

  item(): void {} // only a stream gets any
}
