import { systemClock } from '../primitives/clock.ts';
import { decodeThrown } from './error-codec.ts';
import type { Thrown } from './error-codec.ts';
import { ASK, BELL, CURRENT_CALL, FAILURE, frame, FrameReader, FROM_PROCESS, MESSAGE, TO_PROCESS } from './frames.ts';
import type { ThreadEvents, ThreadPort } from './port.ts';
import type { Message } from './protocol.ts';
import type { MessageSerializer } from './serializer.ts';
import type { Gauge } from './shared.ts';

/** Milliseconds that a process has to end by itself, and then to end on SIGTERM, before SIGKILL ends it. */
const END_GRACE = 200;
const TERM_GRACE = 500;

/** How long, after the exit, to wait for the end of its pipes: a child of its own may have inherited them. */
const PIPE_GRACE = 1_000;

/** How long the guard has to answer. */
const ANSWER_GRACE = 1_000;

interface Pipe {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
  cork(): void;
  uncork(): void;
  write(bytes: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  ref(): void;
  unref(): void;
}

interface Output {
  setEncoding(encoding: 'utf8'): void;
  on(event: 'data', listener: (chunk: string) => void): unknown;
  destroy(): void;
  ref(): void;
  unref(): void;
}

/** A child of `node:child_process`, as far as it is used here. */
export interface ChildProcess {
  readonly pid?: number | undefined;
  readonly stdout: Output | null;
  readonly stderr: Output | null;
  readonly stdio: readonly unknown[];
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  kill(signal: 'SIGTERM' | 'SIGKILL'): boolean;
  ref(): void;
  unref(): void;
}

/** How a process has ended. */
interface Exit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/**
 * A process. It talks over pipes of its own, so that the module has the standard ones to itself, and ends when they
 * close: it never survives its owner.
 */
export class ProcessPort implements ThreadPort {
  readonly id: number | undefined;
  readonly subject: string;
  readonly gauge: Gauge;
  readonly #child: ChildProcess;
  readonly #serializer: MessageSerializer;
  readonly #init: Uint8Array;
  readonly #input: Pipe;
  readonly #output: Pipe;
  #events: ThreadEvents | undefined = undefined;
  /** Set once it has exited. */
  #exit: Exit | undefined = undefined;
  #isTerminated = false;
  #current = 0;
  /** Those who wait for the guard's answer. */
  #askers: (() => void)[] = [];
  /** Of the next step of its end. */
  #timer: unknown = undefined;

  /** `init` is what the process is started with, serialized. */
  constructor(child: ChildProcess, serializer: MessageSerializer, subject: string, init: Uint8Array) {
    this.id = child.pid;
    this.subject = subject;
    this.#child = child;
    this.#serializer = serializer;
    this.#input = child.stdio[TO_PROCESS] as Pipe;
    this.#output = child.stdio[FROM_PROCESS] as Pipe;
    this.gauge = this.#makeGauge();
    this.#init = init;
  }

  listen(events: ThreadEvents): void {
    this.#events = events;
    const messages = new FrameReader((kind, body) => this.#read(kind, body));
    const answers = new FrameReader((kind, body) => this.#answer(kind, body));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', (code, signal) => {
      this.#exit = { code: code ?? undefined, signal: signal ?? undefined };
      this.#after(PIPE_GRACE, () => this.#end());
    });
    this.#child.on('close', () => this.#end());
    // Without a process there are no pipes, or useless ones.
    if (this.id === undefined) return;
    this.#output.on('data', (chunk) => messages.push(chunk));
    this.#input.on('data', (chunk) => answers.push(chunk));
    for (const pipe of [this.#input, this.#output]) pipe.on('error', () => {}); // the exit says it
    this.#write(MESSAGE, this.#init);
  }

  post(message: Message): void {
    if (this.#isWritable) this.#write(MESSAGE, this.#serializer.serialize(message));
  }

  hold(isHeld: boolean): void {
    if (this.#isTerminated) return;
    this.#refer(isHeld ? 'ref' : 'unref');
  }

  /** Asks it to end, then tells it, then kills it: something that is cleaned up at an exit should have its chance. */
  terminate(): void {
    if (this.#isTerminated) return;
    this.#refer('ref'); // somebody waits for its exit
    this.#isTerminated = true;
    if (this.#exit !== undefined || this.id === undefined) return;
    this.#input.end();
    this.#after(END_GRACE, () => {
      this.#child.kill('SIGTERM');
      this.#after(TERM_GRACE, () => this.#child.kill('SIGKILL'));
    });
  }

  /** Hands what the process prints to a listener. */
  capture(source: 'stdout' | 'stderr', listener: (chunk: string) => void): void {
    this.#child[source]?.setEncoding('utf8');
    this.#child[source]?.on('data', listener);
  }

  get #isWritable(): boolean {
    return this.id !== undefined && this.#exit === undefined && !this.#isTerminated;
  }

  #makeGauge(): Gauge {
    const current = (): number => this.#current;
    return {
      ring: () => {
        if (this.#isWritable) this.#write(BELL);
      },
      get current() {
        return current();
      },
      ask: () =>
        new Promise<void>((resolve) => {
          // A guard that does not answer, of a process that was stopped for example, knows of no call either.
          const timer = systemClock.setTimeout(resolve, ANSWER_GRACE);
          this.#askers.push(() => {
            systemClock.clearTimeout(timer);
            resolve();
          });
          if (this.#isWritable) this.#write(ASK);
        }),
    };
  }

  #write(kind: number, body?: Uint8Array): void {
    const pieces = frame(kind, body);
    this.#input.cork();
    for (const piece of pieces) this.#input.write(piece);
    this.#input.uncork();
  }

  #read(kind: number, body: Uint8Array): void {
    let message: Message;
    try {
      message = this.#serializer.deserialize(body);
    } catch (error) {
      this.#events?.onError(error);
      this.terminate();
      return;
    }
    if (kind === FAILURE) this.#events?.onError(decodeThrown(message[0] as Thrown));
    else this.#events?.onMessage(message);
  }

  #answer(kind: number, body: Uint8Array): void {
    if (kind !== CURRENT_CALL) return;
    this.#current = new DataView(body.buffer).getUint32(0, true);
    for (const resolve of this.#askers.splice(0)) resolve();
  }

  /** The runtime cannot start it, or cannot send it a signal. */
  #fail(error: unknown): void {
    if (this.id !== undefined) return;
    this.#events?.onError(error);
    this.#exit = { code: undefined, signal: undefined };
    this.#end();
  }

  #end(): void {
    const events = this.#events;
    if (events === undefined) return;
    this.#events = undefined;
    systemClock.clearTimeout(this.#timer);
    const { stdout, stderr } = this.#child;
    for (const pipe of [this.#input, this.#output, stdout, stderr]) pipe?.destroy();
    events.onExit(this.#exit?.code, this.#exit?.signal);
  }

  #refer(method: 'ref' | 'unref'): void {
    const { stdout, stderr } = this.#child;
    for (const each of [this.#child, this.#input, this.#output, stdout, stderr]) each?.[method]();
  }

  #after(ms: number, fn: () => void): void {
    systemClock.clearTimeout(this.#timer);
    this.#timer = systemClock.setTimeout(fn, ms);
  }
}
