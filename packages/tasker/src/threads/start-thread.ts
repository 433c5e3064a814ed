import { describe } from '../primitives/check.ts';
import { invalid } from '../primitives/option-rules.ts';
import type { AbortSignal, Url } from '../primitives/platform.ts';
import { BUNDLE_REMEDY } from './bundle-remedy.ts';
import { ModuleThread } from './module-thread.ts';
import { adoptNodeThread, NodeThreadPort, startNodeThread } from './node-port.ts';
import type { NodeThreads, NodeWorker } from './node-port.ts';
import type { ResolvedThreadOptions } from './options.ts';
import type { ThreadPort } from './port.ts';
import type { ThreadInit } from './protocol.ts';
import { sharedNumbers } from './shared.ts';
import { ThreadError } from './thread-error.ts';
import { WebThreadPort } from './web-port.ts';
import type { WebChannel, WebWorker } from './web-port.ts';

/** What a runtime may have of threads; each may be missing. */
export interface Runtime {
  readonly process?: {
    getBuiltinModule?(id: 'node:worker_threads'): NodeThreads | undefined;
    readonly execArgv?: readonly string[];
  };
  readonly Worker?: new (url: Url, options: object) => WebWorker;
  readonly MessageChannel?: new () => WebChannel;
}

/** Where in the creation of a thread it is heard of. */
export interface Start {
  readonly signal?: AbortSignal | undefined;
  /** Called if the thread dies, at any time after it was ready. */
  readonly onDeath: (error: ThreadError) => void;
}

/** The program of a thread. From the sources, which run in tests only, it is the compiled one: not every runtime takes TypeScript. */
const HOST: string = isSource(import.meta.url) ? '../../dist/threads/host.js' : './host.js';

/** In a bundle of CommonJS `import.meta` is empty: threads by address cannot be had there, but that is for who asks for one. */
function isSource(url: string | undefined): boolean {
  return url?.endsWith('.ts') === true;
}

/** Where the program of a thread is. Throws where nobody knows. */
function hostAddress(): Url {
  const here = import.meta.url; // apart from `new URL`, in which webpack would look for a file to bundle, and warn that HOST is none
  try {
    return new URL(HOST, here);
  } catch (cause) {
    throw new Error(`a bundle does not know where tasker/threads/host is: ${BUNDLE_REMEDY}`, { cause });
  }
}

/** Starts a thread and waits until it takes calls. Rejects with what the module or its `onCreate` threw. */
export async function startThread(
  options: ResolvedThreadOptions,
  { signal, onDeath }: Start,
  runtime: Runtime = globalThis as unknown as Runtime,
): Promise<ModuleThread> {
  signal?.throwIfAborted();
  const init: ThreadInit = { module: options.module, data: options.data, shared: sharedNumbers() };
  const port = startPort(runtime, init, options);
  const thread = new ModuleThread(port, init, options.abortTimeout, onDeath);
  if (port instanceof NodeThreadPort) {
    for (const source of ['stdout', 'stderr'] as const) {
      const output = options[source];
      if (output === 'inherit') continue;
      port.capture(source, output === 'ignore' ? undefined : (chunk) => output(chunk, thread as never));
    }
  }
  await thread.ready(signal);
  return thread;
}

function startPort(runtime: Runtime, init: ThreadInit, options: ResolvedThreadOptions): ThreadPort {
  const { process, Worker, MessageChannel } = runtime;
  const node = process?.getBuiltinModule?.('node:worker_threads');
  try {
    if (options.worker !== undefined) return adopt(options.worker(), init, options, node, MessageChannel);
    if (node !== undefined) return startNodeThread(node, hostAddress(), init, options, process?.execArgv ?? []);
    if (Worker !== undefined && MessageChannel !== undefined) {
      refuseNodeOnly(options);
      // Written out, and with nothing to be computed, since that is what bundlers look for.
      const worker = new Worker(new URL('./host.js', import.meta.url), { type: 'module' });
      return new WebThreadPort(worker, new MessageChannel(), init);
    }
  } catch (cause) {
    if ((cause as { name?: unknown }).name !== 'DataCloneError') throw cause;
    throw new ThreadError('NOT_CLONEABLE', `the option data cannot be sent to a thread: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new Error('this runtime has neither node:worker_threads nor Worker');
}

/** The workers that have served, since none can serve twice. */
const adopted = new WeakSet<object>();

/** Takes over a worker that somebody else has made. */
function adopt(
  worker: unknown,
  init: ThreadInit,
  options: ResolvedThreadOptions,
  node: NodeThreads | undefined,
  Channel: Runtime['MessageChannel'],
): ThreadPort {
  if (typeof worker !== 'object' || worker === null || !('postMessage' in worker)) {
    throw new TypeError(`the function given to threads() must return a Worker, got ${describe(worker)}`);
  }
  if (adopted.has(worker)) throw new TypeError('the function given to threads() must make a new Worker each time');
  adopted.add(worker);
  if (node !== undefined && 'threadId' in worker) return adoptNodeThread(node, worker as NodeWorker, init);
  if (Channel === undefined) throw new Error('this runtime has no MessageChannel');
  refuseNodeOnly(options);
  return new WebThreadPort(worker as unknown as WebWorker, new Channel(), init);
}

function refuseNodeOnly({ nodeOnly: [alien] }: ResolvedThreadOptions): void {
  if (alien !== undefined) throw invalid(`${alien} must not be given for web workers, which have no such thing`);
}
