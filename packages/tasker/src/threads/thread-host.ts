import { describe } from '../primitives/check.ts';
import { putCallbacks } from './arguments.ts';
import type { CallbackPlace } from './arguments.ts';
import { decodeThrown } from './error-codec.ts';
import type { Thrown } from './error-codec.ts';
import type { HostPort } from './port.ts';
import * as kind from './protocol.ts';
import type { Message } from './protocol.ts';
import { isIterable, Pump } from './pump.ts';
import { RemoteCallbacks } from './remote-callbacks.ts';
import { HOLD, Replies } from './replies.ts';
import { RunningCall } from './running-call.ts';
import type { CallHost } from './running-call.ts';
import { ABORTS, CURRENT } from './shared.ts';
import type { SharedNumbers } from './shared.ts';
import { ThreadError } from './thread-error.ts';

const NO_ARGS: readonly unknown[] = [];

/** A function of the module. */
export interface Exported {
  readonly name: string;
  readonly fn: (...args: never[]) => unknown;
  /** Whether its last call held the thread for no longer than {@link HOLD}. Owned by the host. */
  isQuick?: boolean;
}

/** What a thread serves. */
export interface HostedModule {
  readonly functions: readonly Exported[];
  readonly state: unknown;
  /** Its `onDestroy`. */
  readonly destroy: () => unknown;
}

/**
 * The thread's side: runs the calls that arrive, and answers.
 *
 * The calls of one message run one behind the other, and what they give leaves together, but is not held back for longer
 * than `HOLD`. Invariant: a call that has not ended when its function has returned is in `#running`, and so is one
 * that looks at its signal.
 */
export class ThreadHost implements CallHost {
  readonly state: unknown;
  readonly #port: HostPort;
  readonly #module: HostedModule;
  readonly #replies: Replies;
  readonly #shared: SharedNumbers | undefined;
  #abortsSeen = 0;
  readonly #running = new Map<number, RunningCall>();
  /** Reasons of calls that were aborted before they began. */
  readonly #stillborn = new Map<number, unknown>();
  /** Messages that wait for the one that is being read. */
  readonly #inbox: Message[] = [];
  #isReading = false;
  /** The last call that began; their numbers rise. */
  #lastId = 0;
  /** Called when the last running call ends. */
  #onIdle: (() => void) | undefined = undefined;
  /** Whether the owner lives on for what was printed. */
  #isPrinting = false;

  constructor(port: HostPort, module: HostedModule, shared: SharedNumbers | undefined) {
    this.#port = port;
    this.#module = module;
    this.#shared = shared;
    this.state = module.state;
    this.#replies = new Replies(port);
    this.#replies.ready(module.functions.map(({ name }) => name));
  }

  /** A message has arrived. */
  receive(message: Message): void {
    this.#inbox.push(message);
    if (!this.#isReading) void this.#read();
  }

  /** Sends what was collected, before the thread ends. */
  flush(): void {
    this.#replies.flush();
  }

  watch(call: RunningCall): void {
    this.#running.set(call.id, call);
  }

  poll(): void {
    if (this.#shared === undefined || this.#port.receive === undefined) return;
    const aborts = Atomics.load(this.#shared, ABORTS);
    if (aborts === this.#abortsSeen) return;
    this.#abortsSeen = aborts;
    for (let message = this.#port.receive(); message !== undefined; message = this.#port.receive()) {
      if (message[0] === kind.ABORT) this.#abort(message[1] as number, message[2] as Thrown);
      else this.#inbox.push(message);
    }
    // Whoever polls may be a function that goes on after an await: nobody is reading then.
    if (this.#inbox.length > 0 && !this.#isReading) queueMicrotask(this.#readRest);
  }

  readonly #readRest = (): void => {
    if (!this.#isReading) void this.#read();
  };

  async #read(): Promise<void> {
    this.#isReading = true;
    let restedAt = performance.now();
    let isFresh = true;
    for (let message = this.#next(true); message !== undefined; message = this.#next(isFresh)) {
      for (let at = 0; at < message.length;) {
        const called = this.#functionOf(message, at);
        // What is done already need not wait for what may take long.
        if (called?.isQuick === false || (called?.isQuick === undefined && called !== undefined && at > 0)) {
          await this.#rest();
          restedAt = performance.now();
        }
        const startedAt = restedAt;
        at = this.#readRecord(message, at);
        const now = performance.now();
        if (called !== undefined && called.isQuick !== now - startedAt < HOLD) called.isQuick = now - startedAt < HOLD;
        if (now - restedAt < HOLD) continue;
        await this.#rest();
        restedAt = performance.now();
        isFresh = false;
      }
    }
    this.#isReading = false;
  }

  async #rest(): Promise<void> {
    await Promise.resolve(); // async functions that have ended come to hand in their results
    this.#replies.flush();
  }

  /** The function that the record at `at` calls; undefined if it calls none. */
  #functionOf(message: Message, at: number): Exported | undefined {
    const what = message[at];
    return what === kind.CALL || what === kind.START ? this.#module.functions[message[at + 2] as number] : undefined;
  }

  /**
   * What has arrived meanwhile is read at once: else small messages would be answered by small ones, and go on like that.
   * But not for longer than {@link HOLD}: the module's timers and sockets want their turn.
   */
  #next(isFresh: boolean): Message | undefined {
    return this.#inbox.shift() ?? (isFresh ? this.#port.receive?.() : undefined);
  }

  /** Reads the record that begins at `at`, and returns where the next one does. */
  #readRecord(message: Message, at: number): number {
    const id = message[at + 1] as number;
    switch (message[at]) {
      case kind.CALL: {
        const count = message[at + 3] as number;
        const end = at + 4 + count;
        this.#call(id, message[at + 2] as number, count === 0 ? NO_ARGS : message.slice(at + 4, end));
        return end;
      }
      case kind.START: {
        const end = at + 6 + (message[at + 5] as number);
        const window = message[at + 3] as number;
        const places = message[at + 4] as readonly CallbackPlace[] | undefined;
        this.#call(id, message[at + 2] as number, message.slice(at + 6, end), window, places);
        return end;
      }
      case kind.ABORT:
        this.#abort(id, message[at + 2] as Thrown);
        return at + 3;
      case kind.CREDIT:
        this.#running.get(id)?.pump?.credit(message[at + 2] as number);
        return at + 3;
      case kind.RETURN:
        this.#running.get(id)?.leave();
        return at + 2;
      case kind.ANSWER:
        this.#running.get(id)?.callbacks?.resolve(message[at + 2] as number, message[at + 3]);
        return at + 4;
      case kind.ANSWER_ERROR:
        this.#running.get(id)?.callbacks?.reject(message[at + 2] as number, decodeThrown(message[at + 3] as Thrown));
        return at + 4;
      default: // CLOSE
        void this.#close();
        return at + 2;
    }
  }

  #call(id: number, number: number, args: readonly unknown[], window = 0, places?: readonly CallbackPlace[]): void {
    const { name, fn } = this.#module.functions[number] as Exported; // the owner has the numbers from READY
    const call = new RunningCall(id, name, this);
    this.poll(); // while the call is still to come: its own abort may be what arrives
    this.#lastId = id;
    if (this.#stillborn.size > 0 && this.#stillborn.has(id)) {
      this.#stillborn.delete(id);
      this.#replies.stillborn(id);
      return;
    }
    if (places !== undefined) this.#connect(call, args as unknown[], places);
    let result: unknown;
    let isAsync: boolean;
    if (this.#shared !== undefined) this.#shared[CURRENT] = id;
    try {
      result = Reflect.apply(fn, call, args);
      isAsync = isThenable(result); // a getter may throw
    } catch (error) {
      this.#threw(call, error);
      return;
    } finally {
      if (this.#shared !== undefined) this.#shared[CURRENT] = 0;
    }
    if (window > 0) void this.#stream(call, result, window);
    else if (isAsync) void this.#await(call, result);
    else this.#returned(call, result);
  }

  async #await(call: RunningCall, result: unknown): Promise<void> {
    this.#running.set(call.id, call);
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      this.#threw(call, error);
      return;
    }
    this.#returned(call, value);
  }

  async #stream(call: RunningCall, result: unknown, window: number): Promise<void> {
    this.#running.set(call.id, call);
    let value: unknown;
    try {
      const iterable = await result;
      if (!isIterable(iterable)) {
        throw new ThreadError('NOT_ITERABLE', `${call.name}() gave nothing to stream, but ${describe(iterable)}`);
      }
      call.pump = new Pump(iterable, window, {
        get isAborted() {
          return call.isAborted;
        },
        get abortReason() {
          return call.abortReason;
        },
        send: (item) => this.#replies.item(call, item),
      });
      value = await call.pump.run();
    } catch (error) {
      this.#threw(call, error);
      return;
    }
    this.#returned(call, value);
  }

  #connect(call: RunningCall, args: unknown[], places: readonly CallbackPlace[]): void {
    this.#running.set(call.id, call);
    const callbacks = new RemoteCallbacks((callback, invocation, given) => {
      this.#replies.invoke(call, callback, invocation, given);
    });
    call.callbacks = callbacks;
    putCallbacks(args, places, (callback) => callbacks.make(callback));
  }

  #returned(call: RunningCall, value: unknown): void {
    this.#end(call);
    this.#tellIfPrinting();
    this.#replies.value(call, value);
  }

  #threw(call: RunningCall, error: unknown): void {
    this.#end(call);
    this.#tellIfPrinting();
    this.#replies.thrown(call, error);
  }

  /** Before an answer: has the owner live on until what the call has printed has left. */
  #tellIfPrinting(): void {
    const printed = this.#isPrinting ? undefined : this.#port.printed?.();
    if (printed !== undefined) void this.#print(printed);
  }

  async #print(printed: Promise<void>): Promise<void> {
    this.#isPrinting = true;
    this.#replies.printing(true);
    for (let rest: Promise<void> | undefined = printed; rest !== undefined; rest = this.#port.printed?.()) await rest;
    this.#isPrinting = false;
    this.#replies.printing(false);
  }

  #end(call: RunningCall): void {
    call.end();
    if (this.#running.delete(call.id) && this.#running.size === 0) this.#onIdle?.();
  }

  /** The owner has aborted a call, which may be over, under way or still to come. */
  #abort(id: number, thrown: Thrown): void {
    this.#replies.heard(id);
    const call = this.#running.get(id);
    if (call !== undefined) call.abort(decodeThrown(thrown));
    else if (id > this.#lastId) this.#stillborn.set(id, decodeThrown(thrown));
  }

  /** The thread is to end: no call is given up under its function, and then the state is destroyed. */
  async #close(): Promise<void> {
    const reason = new DOMException('the thread is being ended', 'AbortError');
    for (const call of this.#running.values()) call.abort(reason);
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    try {
      await this.#module.destroy();
      this.#replies.closed();
    } catch (error) {
      this.#replies.closeFailed(error);
    }
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
