import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as workerThreads from 'node:worker_threads';
import { transformSync } from 'esbuild';
import { processes, threads } from 'tasker/threads';
import type { ProcessOptions, Thread, ThreadHooks, ThreadOptions } from 'tasker/threads';
import { ModuleThread } from '../../src/threads/module-thread.ts';
import { serveNode } from '../../src/threads/node-host.ts';
import type { NodeHostPort } from '../../src/threads/node-host.ts';
import type * as everything from './modules/everything.ts';
import type * as stateful from './modules/stateful.ts';
import type { ThreadEvents, ThreadPort } from '../../src/threads/port.ts';
import type { Message, ThreadInit } from '../../src/threads/protocol.ts';

/** Beside `node_modules/tasker`, so that a module may import `tasker/threads`. */
const cache = new URL('../../../../node_modules/.cache/tasker-threads/', import.meta.url);

export type Everything = typeof everything;
export type Stateful = typeof stateful;

/** The address of a module of `modules/`, in TypeScript. */
export const source = (name: string): URL => new URL(`./modules/${name}.ts`, import.meta.url);

/** The same compiled, since threads of Node 20 take no TypeScript. */
export function compiled(name: string): URL {
  const { code } = transformSync(readFileSync(fileURLToPath(source(name)), 'utf8'), { loader: 'ts', format: 'esm' });
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  mkdirSync(cache, { recursive: true });
  const file = new URL(`${name}-${hash}.mjs`, cache);
  writeFileSync(file, code);
  return file;
}

/** A thread that was started without a manager. */
export interface Opened<M> {
  readonly thread: Thread<M>;
  readonly deaths: unknown[];
  readonly end: () => Promise<void>;
}

/** Both hosts: what holds for one holds for the other. */
export type Host = 'in a thread' | 'in a child process';
export const HOSTS: readonly Host[] = ['in a thread', 'in a child process'];

/** Where the functions of a test run: on a host, or here, on the other side of a channel. */
export type Place = Host | 'in process';
export const PLACES: readonly Place[] = [...HOSTS, 'in process'];

/** Options that both hosts know. */
export type HostOptions<M> = ThreadOptions<M> & ProcessOptions<M>;

/** The hooks of a manager on a host. */
export function hooksOf<M>(host: Host, module: URL | string, options: HostOptions<M> = {}): ThreadHooks<M> {
  return host === 'in a thread' ? threads<M>(module, options) : processes<M>(module, options);
}

/** What a host calls the thread, or process, of a module. */
export const subjectOf = (host: Host, module: string): string =>
  host === 'in a thread' ? 'the thread' : `the process of ${compiled(module).pathname.split('/').at(-1)}`;

/** Starts a thread or a process. */
export async function open<M>(place: Place, name: string, options: HostOptions<M> = {}): Promise<Opened<M>> {
  const deaths: unknown[] = [];
  if (place !== 'in process') {
    const hooks = hooksOf<M>(place, compiled(name), options);
    const signal = new AbortController().signal;
    const thread = await hooks.onCreate({ signal, invalidate: (reason) => void deaths.push(reason) });
    return { thread, deaths, end: () => hooks.onDestroy(thread, 'shutdown') };
  }
  const init: ThreadInit = {
    module: source(name).href,
    data: options.data,
    shared: new Int32Array(new SharedArrayBuffer(8)),
  };
  const thread = new ModuleThread(new LocalPort(init), init, 5_000, (error) => deaths.push(error));
  await thread.ready(undefined);
  return { thread: thread as unknown as Thread<M>, deaths, end: () => thread.close(1_000) };
}

/** The host in this thread. */
export class LocalPort implements ThreadPort {
  readonly id: undefined = undefined;
  /** Messages sent to the host and by it. */
  readonly sent: Message[] = [];
  readonly received: Message[] = [];
  readonly #channel = new workerThreads.MessageChannel();
  #events: ThreadEvents | undefined = undefined;

  constructor(init: ThreadInit) {
    const { port2 } = this.#channel;
    void serveNode(port2 as unknown as NodeHostPort, init, workerThreads as never);
  }

  listen(events: ThreadEvents): void {
    this.#events = events;
    this.#channel.port1.on('message', (message: Message) => {
      this.received.push(message);
      events.onMessage(message);
    });
  }

  post(message: Message, transfer: readonly object[]): void {
    this.#channel.port1.postMessage(message, transfer as ArrayBuffer[]);
    this.sent.push(message);
  }

  hold(): void {}

  terminate(): void {
    this.#channel.port1.close();
    const events = this.#events;
    this.#events = undefined;
    queueMicrotask(() => events?.onExit());
  }
}
