import { serveNode } from './node-host.ts';
import { receiveInit, receiveNodeInit } from './receive-init.ts';
import type { Scope } from './receive-init.ts';
import { serveWeb } from './web-host.ts';

/**
 * Serves the functions of a module in the current worker, for `threads()` with a function that makes the worker. Use it
 * with bundlers: all of them understand `new Worker(new URL('./file.ts', import.meta.url))`, and compile and bundle
 * that file. Call it once, at the top of the file.
 *
 * @param module the functions, and the hooks `onCreate` and `onDestroy`: `import * as heavy from './heavy.ts'`, or an object.
 * @throws Error if called outside a worker.
 *
 * @example
 * <!-- not run: the file of a worker -->
 * ```ts
 * // heavy.worker.ts
 * import { serve } from 'tasker/threads';
 *
 * const heavy = { double: (n: number): number => n * 2 };
 * export type Heavy = typeof heavy;
 *
 * serve(heavy);
 * ```
 */
export function serve(module: object): void {
  const scope = globalThis as unknown as Scope;
  const node = scope.process?.getBuiltinModule?.('node:worker_threads');
  const parentPort = node?.parentPort;
  if (node !== undefined && parentPort !== undefined && parentPort !== null) {
    receiveNodeInit(parentPort, (port, init) => void serveNode(port, init, node, module));
    return;
  }
  if (node !== undefined || scope.document !== undefined) {
    throw new Error('serve() must be called in a worker, and this is the main thread');
  }
  receiveInit(scope, (port, init) => void serveWeb(port, init, scope, module));
}
