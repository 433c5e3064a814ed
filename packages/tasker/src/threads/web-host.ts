import { encodeThrown, simplify } from './error-codec.ts';
import type { HostPort } from './port.ts';
import * as kind from './protocol.ts';
import type { Message, ThreadInit } from './protocol.ts';
import { openHost } from './open-host.ts';

/** What a web worker needs of its end of the connection. */
export interface WebHostPort {
  addEventListener(type: 'message' | 'messageerror', listener: (event: { readonly data: Message }) => void): void;
  /** Lets messages arrive. */
  start(): void;
  postMessage(message: unknown, transfer: readonly object[]): void;
}

/** What it needs of its global scope. */
export interface WebScope {
  addEventListener(type: 'unhandledrejection', listener: (event: { readonly reason: unknown }) => void): void;
}

/** Serves a module on a web worker, and reports what would end a thread elsewhere but does not end a web worker. */
export async function serveWeb(port: WebHostPort, init: ThreadInit, scope: WebScope, module?: object): Promise<void> {
  const end: HostPort = { post: (message, transfer) => port.postMessage(message, transfer) };
  const fail = (error: unknown): void => end.post([kind.FAILED, 0, simplify(encodeThrown(error))], []);
  scope.addEventListener('unhandledrejection', ({ reason }) => fail(reason));
  const host = await openHost(end, init, module);
  if (host === undefined) return;
  port.addEventListener('messageerror', () => fail(new Error('a message to the thread cannot be read')));
  port.addEventListener('message', ({ data }) => host.receive(data));
  port.start();
}
