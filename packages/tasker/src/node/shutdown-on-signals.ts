import { constants } from 'node:os';
import process from 'node:process';
import type { TaskManager } from '../index.ts';
import { describe } from '../primitives/check.ts';
import { onEnd } from '../primitives/on-end.ts';
import { BOOLEAN, DURATION, invalid, readArgument, requireManager } from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';

/** Options of {@link shutdownOnSignals}. */
export interface ShutdownOptions {
  /** Default `['SIGTERM', 'SIGINT']`. */
  readonly signals?: readonly string[] | undefined;
  /** Milliseconds until the manager is killed; Infinity never kills it. Default 10_000. */
  readonly timeout?: number | undefined;
  /** Whether the process then exits, with 128 and the number of the signal, as shells have it. Default true. */
  readonly exit?: boolean | undefined;
}

const RULES: Record<keyof ShutdownOptions, Rule> = {
  signals: ['a list of signals', (value) => Array.isArray(value)],
  timeout: DURATION,
  exit: BOOLEAN,
};

/**
 * Stops the manager when the process is told to end: the first signal calls `stop({ timeout })`, a second one `kill()`, and a third one
 * does what it does without this function. When the manager has stopped, the process exits, unless `exit` is false: with 143 after
 * `SIGTERM`, 130 after `SIGINT`. Where several managers are to be stopped, it exits when the last of them has.
 *
 * Returns the function that ends that; a shutdown under way goes on. A manager that has stopped is listened for no more. Throws
 * `INVALID_CONFIG`.
 *
 * @example
 * ```ts
 * import { createTaskManager } from 'tasker';
 * import { shutdownOnSignals } from 'tasker/node';
 *
 * const manager = await createTaskManager({ workerCount: 4 });
 * shutdownOnSignals(manager, { timeout: 25_000 });
 * ```
 */
export function shutdownOnSignals<R>(manager: TaskManager<R>, options: ShutdownOptions = {}): () => void {
  requireManager(manager, 'on', 'stats', 'stop', 'kill');
  const { signals = ['SIGTERM', 'SIGINT'], timeout = 10_000, exit = true } = readArgument(options, RULES);
  let isStopping = false;

  const received = (signal: string, number: number): void => {
    if (isStopping) {
      remove();
      void manager.kill(new Error(`received ${signal} while stopping`)); // it is the promise of stop()
      return;
    }
    isStopping = true;
    stopping++;
    if (exit) exitCode ??= 128 + number;
    void stop(manager, timeout).then(stopped);
  };
  const listeners = new Map(
    signals.map((signal) => {
      const number = numberOf(signal);
      return [signal, () => received(signal, number)]; // who emits one by hand may leave its name out
    }),
  );
  const remove = (): void => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
    forget();
  };

  const forget = onEnd(manager, remove);
  if (manager.stats().state !== 'stopped') {
    for (const [signal, listener] of listeners) process.on(signal, listener);
  }
  return remove;
}

/** Signals that end or halt a process without asking it. */
const UNHEARD: readonly unknown[] = ['SIGKILL', 'SIGSTOP'];

function numberOf(signal: unknown): number {
  if (UNHEARD.includes(signal)) throw invalid(`signals cannot have ${describe(signal)}: no process can hear it`);
  const number = typeof signal === 'string' ? (constants.signals as Record<string, number>)[signal] : undefined;
  if (number === undefined) throw invalid(`signals must be names such as 'SIGTERM', got ${describe(signal)}`);
  return number;
}

/** Stops it within that time, also if somebody else has called `stop()` before and set none. */
async function stop<R>(manager: TaskManager<R>, timeout: number): Promise<void> {
  const isBounded = manager.stats().state === 'stopping' && timeout < 2 ** 31;
  const timer = isBounded ? setTimeout(() => void manager.kill(), timeout) : undefined;
  await manager.stop({ timeout });
  clearTimeout(timer);
}

/** Managers that are being stopped because of a signal. */
let stopping = 0;

/** With what the process exits when the last of them has stopped; undefined if it does not. */
let exitCode: number | undefined;

function stopped(): void {
  stopping--;
  if (stopping > 0 || exitCode === undefined) return;
  const code = exitCode;
  exitCode = undefined; // an exit may be kept from happening, as in tests
  process.exit(code);
}
