/** What a thread runs that loads its module by address: the entry of the other side. */
import { serveNode } from './node-host.ts';
import { receiveInit } from './receive-init.ts';
import type { Scope } from './receive-init.ts';
import { serveWeb } from './web-host.ts';

const scope = globalThis as unknown as Scope;
const node = scope.process?.getBuiltinModule?.('node:worker_threads');
const init = node?.workerData?.tasker;

if (node !== undefined && init !== undefined) void serveNode(init.port, init, node);
else if (node === undefined) receiveInit(scope, (port, given) => void serveWeb(port, given, scope));
