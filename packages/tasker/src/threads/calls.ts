import { AbortWatch } from '../primitives/abort.ts';
import { messageOf } from '../primitives/check.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import { AbortWatchdog } from './abort-watchdog.ts';
import { arePlain, packArguments } from './arguments.ts';
import type { Callback } from './arguments.ts';
import { decodeThrown, encodeThrown, simplify } from './error-codec.ts';
import type { Thrown } from './error-codec.ts';
import { takeMoves } from './move.ts';
import { Outbox } from './outbox.ts';
import { PendingCall } from './pending.ts';
import type { Pending } from './pending.ts';
import { subjectOf } from './port.ts';
import type { ThreadPort } from './port.ts';
import * as kind from './protocol.ts';
import type { Message } from './protocol.ts';
import { sharedGauge } from './shared.ts';
import type { Gauge, SharedNumbers } from './shared.ts';
import { StreamQueue } from './stream-queue.ts';
import { ThreadError } from './thread-error.ts';
import type { ThreadErrorCode } from './thread-error.ts';

/** Options of one call. */
export interface CallOptions {
  /** Objects to move into the thread instead of copying them: array buffers, message ports, streams. Default: none. */
  readonly transfer?: readonly object[];
  /**
   * Aborting this signal aborts `this.signal` in the thread. The call settles when the function there has ended in any
   * way. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of one stream. */
export interface StreamOptions extends CallOptions {
  /** Maximum number of items sent and not yet taken by the consumer. A positive integer; default 16. */
  readonly window?: number;
}

/**
 * The calls to one thread: sends them, and gives each the answer that comes for it.
 *
 * Invariant: every call that was sent is in `#pending` until it is answered, and the thread keeps the process alive exactly
 * as long as somebody waits for one.
 */
export class Calls {
  readonly #port: ThreadPort;
  readonly #outbox: Outbox;
  readonly #gauge: Gauge;
  readonly #watchdog: AbortWatchdog;
  readonly #pending = new Map<number, Pending>();
  readonly #watch = new AbortWatch<number>((id, reason) => this.#abort(id, reason));
  #lastId = 0;
  #awaited = 0;

  /** `onStuck` is called if the thread computes on for `abortTimeout` ms after a call was aborted. */
  constructor(port: ThreadPort, shared: SharedNumbers | undefined, abortTimeout: number, onStuck: () => void) {
    this.#port = port;
    this.#gauge = port.gauge ?? sharedGauge(shared);
    this.#watchdog = new AbortWatchdog(abortTimeout, this.#gauge, onStuck);
    this.#outbox = new Outbox((message, transfer) => port.post(message, transfer));
  }

  /** Calls that are not answered. */
  get size(): number {
    return this.#pending.size;
  }

  /** Whether somebody waits for an answer. */
  get isAwaited(): boolean {
    return this.#awaited > 0;
  }

  /** Calls the function of that number. */
  call(fn: number, args: readonly unknown[], options: CallOptions | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (options === undefined && arePlain(args)) {
        const id = this.#add(new PendingCall(resolve, reject));
        const record = this.#outbox.open();
        record.push(kind.CALL, id, fn, args.length);
        for (const arg of args) record.push(arg);
        return;
      }
      const signal = options?.signal;
      signal?.throwIfAborted();
      const { callbacks, places, args: packed, transfer } = packArguments(args, options?.transfer);
      const id = this.#add(new PendingCall(resolve, reject, signal, callbacks));
      const head = places === undefined ? [kind.CALL, id, fn] : [kind.START, id, fn, 0, places];
      this.#send(id, [...head, packed.length, ...packed], transfer);
    });
  }

  /**
   * Streams what a function yields. `find` is asked for its number, or for what keeps it from being called, when the
   * first item is asked for; then it is called.
   */
  stream(
    find: () => number | Error,
    args: readonly unknown[],
    { window = 16, transfer, signal }: StreamOptions,
  ): StreamQueue {
    let id = 0;
    return new StreamQueue(window, signal, {
      start: (stream) => {
        const fn = find();
        if (typeof fn !== 'number') throw fn;
        const packed = packArguments(args, transfer);
        stream.callbacks = packed.callbacks;
        id = this.#add(stream);
        const head = [kind.START, id, fn, window, packed.places];
        this.#send(id, [...head, packed.args.length, ...packed.args], packed.transfer);
      },
      credit: (items) => void this.#outbox.open().push(kind.CREDIT, id, items),
      end: () => void this.#outbox.open().push(kind.RETURN, id),
      awaited: (isAwaited) => this.#await(isAwaited ? 1 : -1),
    });
  }

  /** Tells the thread to end; it answers with CLOSED or CLOSE_FAILED. */
  close(): void {
    this.#outbox.send([kind.CLOSE, 0]);
  }

  /** Reads the answers that a message brings. Those that are not to calls go to `onOther`. */
  receive(message: Message, onOther: (kind: number, content: unknown) => void): void {
    for (let at = 0; at < message.length;) {
      const what = message[at] as number;
      const id = message[at + 1] as number;
      const content = message[at + 2];
      at += 3;
      switch (what) {
        case kind.VALUE:
          this.#take(id)?.resolve(content);
          break;
        case kind.ERROR:
          this.#take(id)?.reject(decodeThrown(content as Thrown));
          break;
        case kind.ABORTED: {
          const pending = this.#take(id);
          // Without a signal of the caller's, or before it aborted, it was the end of the thread that aborted the call.
          const isAborted = pending?.signal?.aborted === true;
          pending?.reject(
            isAborted ? pending.signal?.reason : new ThreadError('THREAD_EXITED', `${subjectOf(this.#port)} was ended`),
          );
          break;
        }
        case kind.REFUSED: {
          const [code, text] = content as [ThreadErrorCode, string];
          this.#take(id)?.reject(new ThreadError(code, text));
          break;
        }
        case kind.HEARD:
          this.#watchdog.clear(id);
          break;
        case kind.PRINTING:
          this.#await(content === true ? 1 : -1);
          break;
        case kind.ITEM:
          this.#pending.get(id)?.item(content);
          break;
        case kind.INVOKE: {
          const invocation = message[at] as number;
          const count = message[at + 1] as number;
          const args = message.slice(at + 2, at + 2 + count);
          at += 2 + count;
          void this.#invoke(id, this.#pending.get(id)?.callbacks[content as number], invocation, args);
          break;
        }
        default:
          onOther(what, content);
      }
    }
  }

  /** The thread has died: nobody will be answered any more. */
  failAll(error: unknown): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
  }

  #add(pending: Pending): number {
    const id = ++this.#lastId;
    this.#pending.set(id, pending);
    if (pending instanceof PendingCall) this.#await(1);
    if (pending.signal !== undefined) this.#watch.watch(pending.signal, id);
    return id;
  }

  /** One more, or one less, whom somebody waits for: a call, or a stream whose next item or end is awaited. */
  #await(by: 1 | -1): void {
    const wasAwaited = this.isAwaited;
    this.#awaited += by;
    if (this.isAwaited !== wasAwaited) this.#port.hold(this.isAwaited);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    if (pending instanceof PendingCall) this.#await(-1);
    if (pending.signal !== undefined) {
      this.#watch.unwatch(pending.signal, id);
      this.#watchdog.clear(id);
    }
    return pending;
  }

  /** Sends a record of a call; one that cannot be sent is the end of the call. */
  #send(id: number, record: Message, transfer: readonly object[]): void {
    try {
      this.#outbox.send(record, transfer);
    } catch (cause) {
      const message = `the arguments cannot be sent to ${subjectOf(this.#port)}: ${messageOf(cause)}`;
      this.#take(id)?.reject(new ThreadError('NOT_CLONEABLE', message, { cause }));
    }
  }

  #sendThrown(record: Message, error: unknown): void {
    const thrown = encodeThrown(error);
    try {
      this.#outbox.send([...record, thrown]);
    } catch {
      this.#outbox.send([...record, simplify(thrown)]);
    }
  }

  #abort(id: number, reason: unknown): void {
    this.#sendThrown([kind.ABORT, id], reason);
    // Only now: whoever sees the number finds the message.
    this.#gauge.ring();
    this.#watchdog.watch(id);
  }

  /** Calls a callback for the thread. Its answer is not sent once the call has ended. */
  async #invoke(id: number, callback: Callback | undefined, invocation: number, args: unknown[]): Promise<void> {
    if (callback === undefined) return;
    try {
      const value: unknown = await callback(...args);
      if (!this.#pending.has(id)) return;
      if (kind.isPlain(value)) this.#outbox.open().push(kind.ANSWER, id, invocation, value);
      else this.#outbox.send([kind.ANSWER, id, invocation, value], takeMoves(value));
    } catch (error) {
      if (this.#pending.has(id)) this.#sendThrown([kind.ANSWER_ERROR, id, invocation], error);
    }
  }
}
