import type { Url } from '../primitives/platform.ts';
import type { ResolvedThreadOptions } from './options.ts';
import type { ThreadEvents, ThreadPort } from './port.ts';
import type { Message, ThreadInit } from './protocol.ts';

/** A stream of what a thread prints. */
interface Output {
  unpipe(): unknown;
  setEncoding(encoding: 'utf8'): void;
  on(event: 'data', listener: (chunk: string) => void): unknown;
  resume(): unknown;
}

/** A thread of `node:worker_threads`, as far as it is used here. */
export interface NodeWorker {
  readonly threadId: number;
  readonly stdout: Output;
  readonly stderr: Output;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
  postMessage(message: unknown, transfer: readonly object[]): void;
}

interface NodePort {
  on(event: 'message', listener: (message: Message) => void): unknown;
  on(event: 'messageerror', listener: (error: Error) => void): unknown;
  unref(): void;
  close(): void;
  postMessage(message: unknown, transfer: readonly object[]): void;
}

/** `node:worker_threads`, as far as it is used here. */
export interface NodeThreads {
  readonly Worker: new (url: Url, options: object) => NodeWorker;
  readonly MessageChannel: new () => { readonly port1: NodePort; readonly port2: NodePort };
  readonly receiveMessageOnPort: (port: NodePort) => { readonly message: Message } | undefined;
}

const INPUT_TYPE = '--input-type';

/**
 * The process's own arguments as a thread takes them: `--input-type`, of a program given by `--eval`, would keep it from
 * loading files. Undefined = take them as they are.
 */
export function inheritedArguments(own: readonly string[]): readonly string[] | undefined {
  if (!own.some((arg) => arg.startsWith(INPUT_TYPE))) return undefined;
  return own.filter((arg, i) => !arg.startsWith(INPUT_TYPE) && own[i - 1] !== INPUT_TYPE);
}

/** Starts a thread of Node, Bun or Deno. Throws if the runtime refuses the options, or `data` cannot be cloned. */
export function startNodeThread(
  threads: NodeThreads,
  host: Url,
  init: ThreadInit,
  options: ResolvedThreadOptions,
  ownArguments: readonly string[],
): NodeThreadPort {
  const inherited = options.execArgv === undefined ? inheritedArguments(ownArguments) : undefined;
  try {
    return start(threads, host, init, options, options.execArgv ?? inherited);
  } catch (error) {
    const refused = inherited === undefined ? [] : refusedArguments(error, inherited);
    if (inherited === undefined || refused.length === 0) throw error;
    return start(
      threads,
      host,
      init,
      options,
      inherited.filter((arg) => !refused.includes(arg)),
    );
  }
}

/** Takes over a thread of Node that somebody else has made, whose file calls `serve()`. */
export function adoptNodeThread(threads: NodeThreads, worker: NodeWorker, init: ThreadInit): NodeThreadPort {
  const { port1, port2 } = new threads.MessageChannel();
  try {
    worker.postMessage({ tasker: { ...init, port: port2 } }, [port2]);
  } catch (error) {
    port1.close();
    void worker.terminate();
    throw error;
  }
  return new NodeThreadPort(threads, worker, port1);
}

/** Those arguments that are of the whole process or of V8, which a thread does not take when they are given to it. */
function refusedArguments(error: unknown, args: readonly string[]): readonly string[] {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV' || typeof message !== 'string') return [];
  return args.filter((arg) => message.includes(arg));
}

function start(
  threads: NodeThreads,
  host: Url,
  init: ThreadInit,
  { env, resourceLimits, stdout, stderr, name }: ResolvedThreadOptions,
  execArgv: readonly string[] | undefined,
): NodeThreadPort {
  const { port1, port2 } = new threads.MessageChannel();
  try {
    const worker = new threads.Worker(host, {
      workerData: { tasker: { ...init, port: port2 } },
      transferList: [port2],
      stdout: stdout !== 'inherit' && !isNode(),
      stderr: stderr !== 'inherit' && !isNode(),
      ...(execArgv !== undefined && { execArgv }),
      ...(env !== undefined && { env }),
      ...(resourceLimits !== undefined && { resourceLimits }),
      ...(name !== undefined && { name }),
    });
    return new NodeThreadPort(threads, worker, port1);
  } catch (error) {
    port1.close();
    throw error;
  }
}

/** Node, and not a runtime that does as Node does: there a thread whose output is asked for at its start never lets the process end. */
function isNode(): boolean {
  const { versions } = (globalThis as { process?: { versions?: Record<string, string | undefined> } }).process ?? {};
  return versions?.['bun'] === undefined && versions?.['deno'] === undefined;
}

/**
 * A thread of Node. It talks over a channel of its own, so that the module may use `parentPort` for itself; an error and
 * an exit are the runtime's to tell.
 */
export class NodeThreadPort implements ThreadPort {
  readonly id: number;
  readonly #threads: NodeThreads;
  readonly #worker: NodeWorker;
  readonly #port: NodePort;
  #isTerminated = false;

  constructor(threads: NodeThreads, worker: NodeWorker, port: NodePort) {
    this.#threads = threads;
    this.#worker = worker;
    this.#port = port;
    this.id = worker.threadId;
  }

  listen({ onMessage, onError, onExit }: ThreadEvents): void {
    this.#port.on('message', onMessage);
    this.#port.on('messageerror', (error) => {
      onError(error);
      this.terminate();
    });
    this.#port.unref(); // the worker alone says whether the process stays
    this.#worker.on('error', onError);
    this.#worker.on('exit', (code) => {
      for (let last = this.#receive(); last !== undefined; last = this.#receive()) onMessage(last);
      this.#port.close();
      onExit(code);
    });
  }

  post(message: Message, transfer: readonly object[]): void {
    this.#port.postMessage(message, transfer);
  }

  hold(isHeld: boolean): void {
    if (this.#isTerminated) return;
    if (isHeld) this.#worker.ref();
    else this.#worker.unref();
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#worker.ref(); // somebody waits for its exit
    void this.#worker.terminate();
  }

  /** Hands what the thread prints to whoever wants it; what is not wanted is dropped. */
  capture(source: 'stdout' | 'stderr', listener: ((chunk: string) => void) | undefined): void {
    const output = this.#worker[source];
    if (isNode()) output.unpipe();
    if (listener === undefined) {
      output.resume();
      return;
    }
    output.setEncoding('utf8');
    output.on('data', listener);
    output.resume();
  }

  #receive(): Message | undefined {
    return this.#threads.receiveMessageOnPort(this.#port)?.message;
  }
}
