import { describe, messageOf } from '../primitives/check.ts';
import { encodeThrown, simplify } from './error-codec.ts';
import { takeMoves } from './move.ts';
import { Outbox } from './outbox.ts';
import type { HostPort } from './port.ts';
import * as kind from './protocol.ts';
import { isGenerator } from './pump.ts';
import type { RunningCall } from './running-call.ts';
import { isThreadDeath, isThreadError, ThreadError } from './thread-error.ts';

/** Milliseconds of computing after which what was collected leaves, though the thread has not come to rest. */
export const HOLD = 1;

/** What the thread has to say. Whatever cannot be sent is said in words: no call stays without an answer. */
export class Replies {
  readonly #outbox: Outbox;
  /** Since when the oldest collected record waits. */
  #heldSince = 0;

  constructor(port: HostPort) {
    this.#outbox = new Outbox((message, transfer) => port.post(message, transfer));
  }

  ready(names: readonly string[]): void {
    this.#outbox.send([kind.READY, 0, names]);
  }

  /** A function has returned. */
  value(call: RunningCall, value: unknown): void {
    if (kind.isPlain(value)) {
      this.#open().push(kind.VALUE, call.id, value);
      return;
    }
    try {
      if (isGenerator(value)) {
        const message = `${call.name}() is a generator: use stream() instead of call() or run()`;
        this.#refuse(call, new ThreadError('NOT_ITERABLE', message));
        return;
      }
      this.#outbox.send([kind.VALUE, call.id, value], takeMoves(value));
    } catch (error) {
      this.#refuse(call, notCloneable(`the result of ${call.name}()`, value, error));
    }
  }

  /** A function has thrown, or cannot give what was asked for. What it threw may itself throw when it is looked at. */
  thrown(call: RunningCall, error: unknown): void {
    try {
      this.#thrown(call, error);
    } catch (cause) {
      this.#refuse(call, notCloneable(`what ${call.name}() threw`, error, cause));
    }
  }

  #thrown(call: RunningCall, error: unknown): void {
    if (call.isAbortError(error)) {
      this.#open().push(call.isLeft ? kind.VALUE : kind.ABORTED, call.id, undefined);
      return;
    }
    if (isThreadError(error) && !isThreadDeath(error)) {
      this.#refuse(call, error);
      return;
    }
    const thrown = encodeThrown(error);
    try {
      this.#outbox.send([kind.ERROR, call.id, thrown]);
    } catch (cause) {
      if (!('error' in thrown)) throw cause;
      this.#outbox.send([kind.ERROR, call.id, simplify(thrown)]);
    }
  }

  /** The thread has heard of an abort; said once it comes to rest. */
  heard(id: number): void {
    this.#open().push(kind.HEARD, id, undefined);
  }

  /** A call was aborted before it began. */
  stillborn(id: number): void {
    this.#open().push(kind.ABORTED, id, undefined);
  }

  /** A function has yielded. Throws `NOT_CLONEABLE`. */
  item(call: RunningCall, item: unknown): void {
    if (kind.isPlain(item)) {
      this.#open().push(kind.ITEM, call.id, item);
      this.#flushIfDue();
      return;
    }
    try {
      this.#outbox.send([kind.ITEM, call.id, item], takeMoves(item));
    } catch (error) {
      throw notCloneable(`what ${call.name}() yielded`, item, error);
    }
  }

  /** A function calls a callback. Throws `NOT_CLONEABLE`. */
  invoke(call: RunningCall, callback: number, invocation: number, args: readonly unknown[]): void {
    if (args.every(kind.isPlain)) {
      this.#open().push(kind.INVOKE, call.id, callback, invocation, args.length, ...args);
      this.#flushIfDue();
      return;
    }
    try {
      const transfer = [...new Set(args.flatMap((arg) => takeMoves(arg) ?? []))];
      this.#outbox.send([kind.INVOKE, call.id, callback, invocation, args.length, ...args], transfer);
    } catch (error) {
      throw notCloneable(`what ${call.name}() gave a callback`, args, error);
    }
  }

  /** Whether the owner has to live on for what was printed. */
  printing(isPrinting: boolean): void {
    this.#open().push(kind.PRINTING, 0, isPrinting);
  }

  closed(): void {
    this.#outbox.send([kind.CLOSED, 0, undefined]);
  }

  closeFailed(error: unknown): void {
    this.#outbox.send([kind.CLOSE_FAILED, 0, simplify(encodeThrown(error))]);
  }

  flush(): void {
    this.#outbox.flush();
  }

  #open(): unknown[] {
    if (!this.#outbox.isWaiting) this.#heldSince = performance.now();
    return this.#outbox.open();
  }

  /** For what a function says before it ends, in a loop that never waits perhaps. */
  #flushIfDue(): void {
    if (performance.now() - this.#heldSince >= HOLD) this.#outbox.flush();
  }

  #refuse(call: RunningCall, { code, message }: ThreadError): void {
    this.#outbox.send([kind.REFUSED, call.id, [code, message]]);
  }
}

function notCloneable(what: string, value: unknown, cause: unknown): ThreadError {
  const why = messageOf(cause);
  const message = `${what} cannot be sent, ${describe(value)}: ${why}`;
  return new ThreadError('NOT_CLONEABLE', message, { cause });
}
