/** What a process runs: the entry of the other side. Its messages come through {@link GuardData | the guard}. */
import { encodeThrown, simplify } from './error-codec.ts';
import { FAILURE, frame, FROM_PROCESS, MESSAGE, TO_PROCESS } from './frames.ts';
import { serveNode } from './node-host.ts';
import type { NodeHostPort } from './node-host.ts';
import type { GuardData } from './process-guard.ts';
import type { Message } from './protocol.ts';
import { messageSerializer } from './serializer.ts';
import type { NodeV8 } from './serializer.ts';

/** A body of a frame; undefined = the owner wants the end, or has gone. */
type Delivery = ArrayBufferLike | undefined;

interface DeliveryPort {
  on(event: 'message', listener: (delivery: Delivery) => void): unknown;
}

interface NodeThreads {
  readonly MessageChannel: new () => { readonly port1: DeliveryPort; readonly port2: GuardData['port'] };
  readonly Worker: new (
    url: URL,
    options: { workerData: GuardData; transferList: unknown[]; execArgv: string[]; env: object },
  ) => { on(event: 'error', listener: (error: unknown) => void): unknown };
  readonly receiveMessageOnPort: (port: DeliveryPort) => { readonly message: Delivery } | undefined;
}

/** In Bun a rejection is not an exception, too. */
type UncaughtEvent = 'uncaughtException' | 'unhandledRejection';

interface NodeProcess {
  title: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
  getBuiltinModule(id: 'node:worker_threads'): NodeThreads;
  getBuiltinModule(id: 'node:v8'): NodeV8;
  getBuiltinModule(id: 'node:fs'): { writeSync(fd: number, bytes: Uint8Array, offset: number): number };
  on(event: 'SIGINT', listener: () => void): void;
  on(event: UncaughtEvent, listener: (error: unknown) => void): void;
  listenerCount(event: UncaughtEvent): number;
  exit(code?: number): never;
}

const { process } = globalThis as unknown as { process: NodeProcess };
const { MessageChannel, Worker, receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
const fs = process.getBuiltinModule('node:fs');
const isBun = process.versions['bun'] !== undefined;
const serializer = messageSerializer(process.getBuiltinModule('node:v8'), isBun);

// Ctrl-C reaches all processes of a terminal; when this one ends is for its owner to say.
process.on('SIGINT', () => {});

process.on('uncaughtException', (error) => {
  // Else the module deals with them itself.
  if (process.listenerCount('uncaughtException') === 1) fail(error);
});
if (isBun) {
  process.on('unhandledRejection', (error) => {
    if (process.listenerCount('unhandledRejection') === 1) fail(error);
  });
}

const shared = new Int32Array(new SharedArrayBuffer(8));
const { port1, port2 } = new MessageChannel();
const guard = new Worker(new URL('./process-guard.js', import.meta.url), {
  workerData: { port: port2, shared, fd: TO_PROCESS },
  transferList: [port2],
  execArgv: [],
  env: {},
});
guard.on('error', (error) => fail(error)); // without it nothing would end this process with its owner

let onMessage = ([module, data, name]: Message): void => {
  if (name !== undefined) process.title = name as string;
  const init = { module: module as string, data, shared };
  void serveNode(port, init, { isMainThread: false, receiveMessageOnPort: receive });
};

const port: NodeHostPort = {
  on: (event, listener) => {
    if (event === 'message') onMessage = listener as typeof onMessage;
  },
  postMessage: (message) => post(message as Message, MESSAGE),
};

port1.on('message', (delivery) => onMessage(read(delivery)));

/** Says why it ends, instead of printing it: its owner hears of it. */
function fail(error: unknown): void {
  try {
    post([simplify(encodeThrown(error))], FAILURE);
  } finally {
    process.exit(1);
  }
}

function receive(): { readonly message: Message } | undefined {
  const received = receiveMessageOnPort(port1);
  return received && { message: read(received.message) };
}

function read(delivery: Delivery): Message {
  return delivery === undefined ? process.exit() : serializer.deserialize(new Uint8Array(delivery));
}

/**
 * Writes at once, and waits while the pipe is full: what a call has given is not lost when the process exits or crashes
 * right behind it, and an owner that is slow holds the process back.
 */
function post(message: Message, kind: number): void {
  for (const piece of frame(kind, serializer.serialize(message))) {
    for (let at = 0; at < piece.length;) at += fs.writeSync(FROM_PROCESS, piece, at);
  }
}
