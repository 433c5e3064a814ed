/** What a thread runs: the entry of the other side. */
import { serveNode } from './node-host.ts';
import type { NodeHostPort, NodeHostThreads } from './node-host.ts';
import type { ThreadInit } from './protocol.ts';
import { serveWeb } from './web-host.ts';
import type { WebHostPort, WebScope } from './web-host.ts';

interface NodeThreads extends NodeHostThreads<NodeHostPort> {
  readonly workerData?: { readonly tasker?: ThreadInit & { readonly port: NodeHostPort } };
}

type Scope = WebScope &
  WebStart & {
    readonly process?: { getBuiltinModule?(id: 'node:worker_threads'): NodeThreads | undefined };
  };

interface WebStart {
  addEventListener(
    type: 'message',
    listener: (event: { readonly data: ThreadInit & { readonly port: WebHostPort } }) => void,
    options: { readonly once: true },
  ): void;
}

const scope = globalThis as unknown as Scope;
const node = scope.process?.getBuiltinModule?.('node:worker_threads');
const init = node?.workerData?.tasker;

if (node !== undefined && init !== undefined) await serveNode(init.port, init, node);
else scope.addEventListener('message', ({ data }) => void serveWeb(data.port, data, scope), { once: true });
