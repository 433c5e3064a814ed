import type { NodeHostPort, NodeHostThreads } from './node-host.ts';
import type { ThreadInit } from './protocol.ts';
import type { WebHostPort, WebScope } from './web-host.ts';

/** The first message to a thread, where it is not among what the thread is made with. */
interface Start<P> {
  readonly tasker?: ThreadInit & { readonly port: P };
}

type Listener<P> = (event: { readonly data: Start<P> | undefined }) => void;

/** `node:worker_threads` in a thread. */
export interface NodeScope extends NodeHostThreads<NodeHostPort> {
  readonly workerData?: Start<NodeHostPort>;
  readonly parentPort: {
    on(event: 'message', listener: (message: Start<NodeHostPort> | undefined) => void): void;
    off(event: 'message', listener: (message: Start<NodeHostPort> | undefined) => void): void;
  } | null;
}

/** The global scope of a thread, whichever runtime it is of. */
export interface Scope extends WebScope {
  readonly process?: { getBuiltinModule?(id: 'node:worker_threads'): NodeScope | undefined };
  readonly document?: unknown;
  addEventListener(type: 'unhandledrejection', listener: (event: { readonly reason: unknown }) => void): void;
  addEventListener(type: 'message', listener: Listener<WebHostPort>): void;
  removeEventListener(type: 'message', listener: Listener<WebHostPort>): void;
}

/** Waits in a web worker for the message that starts it; others are left to the module. */
export function receiveInit(scope: Scope, start: (port: WebHostPort, init: ThreadInit) => void): void {
  const listener: Listener<WebHostPort> = ({ data }) => {
    const init = data?.tasker;
    if (init === undefined) return;
    scope.removeEventListener('message', listener);
    start(init.port, init);
  };
  scope.addEventListener('message', listener);
}

/** The same in a thread of Node, Bun or Deno that was made by somebody else. */
export function receiveNodeInit(
  parentPort: NonNullable<NodeScope['parentPort']>,
  start: (port: NodeHostPort, init: ThreadInit) => void,
): void {
  const listener = (message: Start<NodeHostPort> | undefined): void => {
    const init = message?.tasker;
    if (init === undefined) return;
    parentPort.off('message', listener);
    start(init.port, init);
  };
  parentPort.on('message', listener);
}
