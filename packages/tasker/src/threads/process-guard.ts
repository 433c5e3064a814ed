/**
 * The second thread of a process: reads what its owner sends, so that the first one hears of aborts while it computes, and
 * ends the process when the owner has gone, even in an endless loop.
 */
import { ASK, BELL, CURRENT_CALL, frame, FrameReader, MESSAGE } from './frames.ts';
import { ABORTS, CURRENT } from './shared.ts';
import type { SharedNumbers } from './shared.ts';

/** What the guard is started with. */
export interface GuardData {
  /** Where the messages go; undefined = the process is to end. */
  readonly port: { postMessage(body: ArrayBufferLike | undefined, transfer: readonly unknown[]): void };
  readonly shared: SharedNumbers;
  /** Of the pipe from and to the owner. */
  readonly fd: number;
}

interface Input {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
}

interface Socket extends Input {
  write(bytes: Uint8Array): unknown;
}

/** Both ends of the pipe. */
interface Pipe {
  readonly input: Input;
  write(bytes: Uint8Array): void;
}

interface NodeProcess {
  readonly pid: number;
  readonly versions: Readonly<Record<string, string | undefined>>;
  getBuiltinModule(id: 'node:worker_threads'): { readonly workerData: GuardData };
  getBuiltinModule(id: 'node:net'): { readonly Socket: new (options: { fd: number }) => Socket };
  getBuiltinModule(id: 'node:fs'): {
    createReadStream(path: string, options: { fd: number }): Input;
    writeSync(fd: number, bytes: Uint8Array): number;
  };
  kill(pid: number, signal: 'SIGKILL'): void;
}

/** Milliseconds that the first thread has to end the process itself, so that its `exit` listeners run. */
const END_GRACE = 1_000;

const { process } = globalThis as unknown as { process: NodeProcess };
const { port, shared, fd } = process.getBuiltinModule('node:worker_threads').workerData;

const reader = new FrameReader((kind, body) => {
  switch (kind) {
    case MESSAGE:
      port.postMessage(body.buffer, [body.buffer]); // the view would take Deno seconds
      break;
    case BELL:
      Atomics.add(shared, ABORTS, 1);
      break;
    case ASK: {
      const current = new Uint8Array(Uint32Array.of(Atomics.load(shared, CURRENT)).buffer);
      for (const piece of frame(CURRENT_CALL, current)) pipe.write(piece);
    }
  }
});

const pipe = process.versions['bun'] === undefined ? openSocket() : openFile();
pipe.input.on('data', (chunk) => reader.push(chunk));
pipe.input.on('error', end);
pipe.input.on('end', end);

function openSocket(): Pipe {
  const { Socket } = process.getBuiltinModule('node:net');
  const input = new Socket({ fd });
  return { input, write: (bytes) => void input.write(bytes) };
}

/** For Bun, whose sockets do not read from a descriptor. In Node it would keep a thread of the pool waiting. */
function openFile(): Pipe {
  const fs = process.getBuiltinModule('node:fs');
  return { input: fs.createReadStream('', { fd }), write: (bytes) => void fs.writeSync(fd, bytes) };
}

function end(): void {
  port.postMessage(undefined, []);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_GRACE);
}
