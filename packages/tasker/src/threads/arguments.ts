import { captureScope } from '../primitives/async-scope.ts';
import { takeMoves } from './move.ts';
import { isPlain } from './protocol.ts';

/** A function among the arguments of a call. */
export type Callback = (...args: unknown[]) => unknown;

/** Where a callback stood: the number of the argument, and the key within it if that is a plain object. */
export type CallbackPlace = readonly [index: number, key?: string];

/** Arguments made ready to be sent. */
export interface Outgoing {
  readonly args: readonly unknown[];
  /** Taken out of `args`, in the order of `places`. */
  readonly callbacks: readonly Callback[];
  readonly places: readonly CallbackPlace[] | undefined;
  readonly transfer: readonly object[];
}

const NO_CALLBACKS: readonly Callback[] = [];
const NO_TRANSFER: readonly object[] = [];

/** Whether arguments can be sent as they are, later and beside others. */
export function arePlain(args: readonly unknown[]): boolean {
  for (const arg of args) if (!isPlain(arg)) return false;
  return true;
}

/**
 * Takes the functions out of arguments, of the arguments themselves and of the values of plain objects among them, and
 * collects what is to be moved. The caller's arrays and objects are left alone.
 */
export function packArguments(given: readonly unknown[], transfer: readonly object[] = NO_TRANSFER): Outgoing {
  const args = [...given];
  const callbacks: Callback[] = [];
  const places: CallbackPlace[] = [];
  let moved = transfer;
  for (const [index, arg] of args.entries()) {
    if (typeof arg === 'function') {
      callbacks.push(inScope(arg as Callback));
      places.push([index]);
      args[index] = undefined;
      continue;
    }
    const moves = takeMoves(arg);
    if (moves !== undefined) moved = [...new Set([...moved, ...moves])]; // two views of one buffer move it once
    if (!isPlainObject(arg)) continue;
    for (const [key, value] of Object.entries(arg)) {
      if (typeof value !== 'function') continue;
      callbacks.push(inScope(value as Callback));
      places.push([index, key]);
      if (args[index] === arg) args[index] = { ...arg };
      (args[index] as Record<string, unknown>)[key] = undefined;
    }
  }
  const hasCallbacks = places.length > 0;
  return {
    args,
    callbacks: hasCallbacks ? callbacks : NO_CALLBACKS,
    places: hasCallbacks ? places : undefined,
    transfer: moved,
  };
}

/** Puts functions back where callbacks stood. Changes `args`, which came out of a message and belong to nobody else. */
export function putCallbacks(
  args: unknown[],
  places: readonly CallbackPlace[],
  make: (callback: number) => Callback,
): void {
  for (const [callback, [index, key]] of places.entries()) {
    if (key === undefined) args[index] = make(callback);
    else (args[index] as Record<string, unknown>)[key] = make(callback);
  }
}

/** The callback as it will be called: in the async context of the call, and not of the message that asks for it. */
function inScope(callback: Callback): Callback {
  const scope = captureScope();
  if (scope === undefined) return callback;
  return (...args) => scope.runInAsyncScope(callback, undefined, ...args);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
