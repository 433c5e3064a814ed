/* oxlint-disable oxc/no-this-in-exported-function -- `this` is how a function gets the state and the signal */
/** What the tests call in threads. Plain functions, as in any module. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { move } from 'tasker/threads';
import type { ThreadCall } from 'tasker/threads';

export const notAFunction = 42;

export function add(a: number, b: number): number {
  return a + b;
}

export async function addLater(a: number, b: number): Promise<number> {
  await sleep(1);
  return a + b;
}

export const echo = (...values: unknown[]): unknown[] => values;

export const give = (value: unknown): unknown => value;

export function hasThis(this: unknown): boolean {
  return typeof this === 'object';
}

export const bufferOf = (text: string): Buffer => Buffer.from(text);

// Mistakes and faults

export function giveRevoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

export const giveBadThen = (): unknown =>
  // oxlint-disable-next-line unicorn/no-thenable -- that is the mistake
  Object.defineProperty({}, 'then', {
    get: () => {
      throw new Error('no then');
    },
  });

export function throwRevoked(): void {
  throw giveRevoked();
}

export function throwOddMessage(): void {
  throw Object.assign(new Error('x'), { message: () => 'odd' });
}

let late: ThreadCall | undefined;

export function keepThis(this: ThreadCall): void {
  late = this; // oxlint-disable-line typescript/no-this-alias -- to look at it later
}

export const lookLate = (): boolean | undefined => late?.signal.aborted;

class OwnError extends Error {
  readonly code = 'E_OWN';
  readonly details = { at: [1, 2], when: new Date(0) };
}

class NamedTypeError extends TypeError {
  override readonly name = 'NamedTypeError';
}

export function fail(how: string): never {
  switch (how) {
    case 'type':
      throw new TypeError('not that type', { cause: new RangeError('too far', { cause: 'a word' }) });
    case 'own':
      throw new OwnError('ours');
    case 'named':
      throw new NamedTypeError('named');
    case 'aggregate':
      throw new AggregateError([new SyntaxError('one'), 2], 'several');
    case 'dom':
      throw new DOMException('gone', 'NotFoundError');
    case 'value':
      throw { odd: [1] };
    case 'undefined':
      throw undefined;
    case 'field':
      throw Object.assign(new Error('with a field'), { code: 7, handler: () => 1 });
    case 'function':
      throw () => 1;
    case 'circle': {
      const error = new Error('round');
      error.cause = error;
      throw error;
    }
    case 'unreadable':
      throw Object.defineProperty(new Error('secret'), 'message', {
        get: () => {
          throw new Error('no');
        },
      });
    default:
      throw new Error(how);
  }
}

export const failLater = async (how: string): Promise<void> => {
  await sleep(1);
  fail(how);
};

export const giveFunction = (): unknown => () => 1;

// Streams

/** Tells what became of the generators. */
const log: string[] = [];

export const readLog = (): string[] => log.splice(0);

export function* count(to: number): Generator<number, string> {
  try {
    for (let i = 0; i < to; i++) {
      log.push(`yields ${i}`);
      yield i;
    }
    return 'all';
  } finally {
    log.push('ends');
  }
}

export async function* countLater(this: ThreadCall, to: number): AsyncGenerator<{ i: number }> {
  try {
    for (let i = 0; i < to; i++) {
      await sleep(1, undefined, { signal: this.signal });
      yield { i };
    }
  } finally {
    log.push('ends later');
  }
}

export function* failAfter(to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
  throw new RangeError('no more');
}

export function* failAtTheEnd(): Generator<number> {
  try {
    yield 1;
    yield 2;
  } finally {
    throw new RangeError('cannot clean up'); // oxlint-disable-line no-unsafe-finally -- that is the point
  }
}

export function* yieldFunction(): Generator {
  try {
    yield 1;
    yield () => 1;
  } finally {
    log.push('ends after a function');
  }
}

export function* yieldPromises(): Generator<Promise<number>> {
  yield Promise.resolve(1);
  yield sleep(1, 2);
}

export const listLater = async (): Promise<Set<string>> => new Set(['a', 'b']);

/** Waits for nothing but its signal. */
export async function* waitForEver(this: ThreadCall): AsyncGenerator<number> {
  yield 0;
  await sleep(1e6, undefined, { signal: this.signal, ref: false });
}

// Callbacks

export async function report(to: number, onProgress: (i: number) => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < to; i++) answers.push(await onProgress(i));
  return answers;
}

export async function reportTo(options: { by: number; onProgress: (value: { i: number }) => unknown }): Promise<void> {
  for (let i = 0; i < options.by; i++) await options.onProgress({ i });
}

let kept: ((i: number) => Promise<string>) | undefined;

/** Calls back without waiting for it, and once more after the end. */
export function keep(callback: (i: number) => Promise<string>): string {
  kept = callback;
  void callback(1);
  return 'done';
}

export async function callKept(): Promise<string> {
  return kept?.(2) ?? 'nothing kept';
}

export async function* streamBack(values: number[], double: (i: number) => Promise<number>): AsyncGenerator<number> {
  for (const value of values) yield await double(value);
}

export const giveCallbackAFunction = async (callback: (what: unknown) => Promise<unknown>): Promise<unknown> =>
  callback(() => 1);

/** Calls back from a loop that never waits, until its signal aborts. */
export function reportWithoutRest(this: ThreadCall, onProgress: (i: number) => unknown): number {
  let rounds = 0;
  while (!this.signal.aborted) {
    void onProgress(rounds);
    const until = performance.now() + 2;
    while (performance.now() < until);
    rounds++;
  }
  return rounds;
}

// Moving

export const givePort = (): unknown => new MessageChannel().port1;

export const byteLength = (bytes: ArrayBuffer | Uint8Array): number => bytes.byteLength;

let remembered: ArrayBuffer | undefined;

export function fill(size: number): ArrayBuffer {
  const buffer = new ArrayBuffer(size);
  new Uint8Array(buffer).fill(7);
  remembered = buffer;
  return move(buffer);
}

export function fillNested(size: number): { pixels: Uint8Array; size: number } {
  const pixels = new Uint8Array(size);
  remembered = pixels.buffer;
  return move({ pixels, size });
}

export function* fillMany(sizes: number[]): Generator<ArrayBuffer> {
  for (const size of sizes) yield fill(size);
}

/** The size of what was moved last, on this side. */
export const rememberedSize = (): number => remembered?.byteLength ?? -1;

export function increment(shared: Int32Array): void {
  Atomics.add(shared, 0, 1);
}

// Ends

export function waitForAbort(this: ThreadCall): Promise<never> {
  return new Promise((_, reject) => {
    this.signal.addEventListener('abort', () => setTimeout(() => reject(this.signal.reason), 5));
  });
}

export function spinUntilAborted(this: ThreadCall): string {
  const { signal } = this;
  while (!signal.aborted);
  return (signal.reason as Error).message;
}

export function spinAndThrow(this: ThreadCall): never {
  for (;;) this.signal.throwIfAborted();
}

export async function ignoreAbort(ms: number): Promise<string> {
  await sleep(ms);
  return 'finished all the same';
}

export function spin(): never {
  for (;;);
}

/** Spins after it has waited, for the answer of a callback. */
export async function spinLater(onSpin: () => Promise<void>): Promise<never> {
  await onSpin();
  spin();
}

export function exit(code: number): never {
  process.exit(code);
}

/** As a native addon would: only in a process. */
export function crash(signal: NodeJS.Signals): never {
  if (signal === 'SIGABRT') process.abort();
  process.kill(process.pid, signal);
  spin();
}

/** Its result has left before the crash. */
export function crashLater(signal: NodeJS.Signals): string {
  setImmediate(() => crash(signal));
  return 'fine';
}

export function throwOutside(): Promise<never> {
  setImmediate(() => {
    throw new RangeError('outside of a call');
  });
  return new Promise(() => {});
}

export function rejectUnhandled(): Promise<never> {
  void Promise.reject(new RangeError('unhandled'));
  return new Promise(() => {});
}

export function eatMemory(): never {
  const eaten: unknown[] = [];
  for (;;) eaten.push(Array.from({ length: 1e5 }, () => ({})));
}

/** The thread dies a little after this call has ended. */
export function dieLater(): string {
  setImmediate(() => process.exit(5));
  return 'fine';
}

/** Computes for so many ms. */
export async function compute(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

// Surroundings

export const print = (text: string): void => {
  process.stdout.write(text);
  process.stderr.write(`${text}!`);
};

export const workingDirectory = (): string => process.cwd();

export const title = (): string => process.title;

/** Listens to a signal, and does not end on it. */
export function ignoreSignal(signal: NodeJS.Signals): void {
  process.on(signal, () => {});
}

/** Prints much when the process exits. */
export function printLast(text: string): void {
  process.on('exit', () => {
    // At once: what a slow reader's pipe has no room for, Node itself drops at an exit.
    process.stdout.write(`${'x'.repeat(99)}\n`.repeat(1000) + text);
  });
}

/** Starts a child that has the same output, and gives its pid. */
export function leaveChild(): number {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
    stdio: 'inherit',
    detached: true,
  });
  child.unref();
  return child.pid ?? 0;
}

/** Writes to a file when the process exits. */
export function writeAtExit(file: string): void {
  process.on('exit', () => appendFileSync(file, 'exit'));
}

export const environment = (name: string): string | undefined => process.env[name];

export const execArgv = (): string[] => process.execArgv;
