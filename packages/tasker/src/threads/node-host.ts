import type { HostPort } from './port.ts';
import type { Message, ThreadInit } from './protocol.ts';
import { serve } from './serve.ts';

/** What a thread of Node needs of its end of the connection. */
export interface NodeHostPort {
  on(event: 'message', listener: (message: Message) => void): unknown;
  on(event: 'messageerror', listener: (error: Error) => void): unknown;
  postMessage(message: unknown, transfer: readonly object[]): void;
}

/** What it needs of `node:worker_threads`. */
export interface NodeHostThreads<P> {
  readonly receiveMessageOnPort: (port: P) => { readonly message: Message } | undefined;
}

/** Serves a module on a thread of Node, Bun or Deno. */
export async function serveNode<P extends NodeHostPort>(
  port: P,
  init: ThreadInit,
  { receiveMessageOnPort }: NodeHostThreads<P>,
): Promise<void> {
  const end: HostPort = {
    post: (message, transfer) => port.postMessage(message, transfer),
    receive: () => receiveMessageOnPort(port)?.message,
  };
  const host = await serve(end, init);
  if (host === undefined) return;
  port.on('messageerror', (error) => {
    throw error; // what cannot be read cannot be answered: better no thread than a call without an answer
  });
  port.on('message', (message) => host.receive(message));
}
