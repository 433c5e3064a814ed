import type { HostPort } from './port.ts';
import type { Message, ThreadInit } from './protocol.ts';
import { openHost } from './open-host.ts';

/** What a thread of Node needs of its end of the connection. */
export interface NodeHostPort {
  on(event: 'message', listener: (message: Message) => void): unknown;
  on(event: 'messageerror', listener: (error: Error) => void): unknown;
  postMessage(message: unknown, transfer: readonly object[]): void;
}

/** What it needs of `node:worker_threads`. */
export interface NodeHostThreads<P> {
  /** Whether it runs in the program of its owner, as in tests: then nobody's exit is its own. */
  readonly isMainThread: boolean;
  readonly receiveMessageOnPort: (port: P) => { readonly message: Message } | undefined;
}

/** Serves a module, that of `init` unless it is given, on a thread of Node, Bun or Deno. */
export async function serveNode<P extends NodeHostPort>(
  port: P,
  init: ThreadInit,
  { isMainThread, receiveMessageOnPort }: NodeHostThreads<P>,
  module?: object,
): Promise<void> {
  const outputs = outputsOfThread();
  const end: HostPort = {
    post: (message, transfer) => port.postMessage(message, transfer),
    receive: () => receiveMessageOnPort(port)?.message,
    ...(!isMainThread && { printed: () => (isPrinting(outputs) ? printed(outputs) : undefined) }),
  };
  const host = await openHost(end, init, module, () => printed(outputs));
  if (host === undefined) return;
  if (!isMainThread) onExit(() => host.flush());
  port.on('messageerror', (error) => {
    throw error; // what cannot be read cannot be answered: better no thread than a call without an answer
  });
  port.on('message', (message) => host.receive(message));
}

/** Results that wait for the end of the turn would be lost with `process.exit()`. */
function onExit(flush: () => void): void {
  const { process } = globalThis as { process?: { on?(event: 'exit', listener: () => void): void } };
  process?.on?.('exit', flush);
}

/** What the thread prints to. */
function outputsOfThread(): readonly Writable[] {
  const { process } = globalThis as { process?: Partial<Record<'stdout' | 'stderr', Writable>> };
  return [process?.stdout, process?.stderr].filter((output) => output !== undefined);
}

function isPrinting(outputs: readonly Writable[]): boolean {
  return outputs.some(({ writableLength = 0 }) => writableLength > 0);
}

/** Resolves when what was printed has left the thread, which would take it along when it is ended. */
async function printed(outputs: readonly Writable[]): Promise<void> {
  await Promise.all(outputs.map((output) => new Promise<void>((resolve) => void output.write('', () => resolve()))));
}

interface Writable {
  readonly writableLength?: number;
  write(chunk: string, written: () => void): unknown;
}
