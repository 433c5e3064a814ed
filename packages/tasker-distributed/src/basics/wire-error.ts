import { deserializeError, serializeError } from 'serialize-error';
import { TaskerError } from 'tasker';
import type { TaskerErrorCode } from 'tasker';
import { DistributedError } from './distributed-error.ts';
import type { DistributedErrorCode } from './distributed-error.ts';
import { MAX_PAYLOAD_BYTES } from './json-value.ts';

/** An error on its way from one machine to another: JSON. */
export interface WireError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: unknown;
  readonly [property: string]: unknown;
}

/** Causes and data of an error cross to this depth. */
const MAX_DEPTH = 8;
/** An error of a library may hold a whole response; then only what every error has crosses. */
const MAX_ERROR_BYTES = MAX_PAYLOAD_BYTES / 16;
const MAX_TEXT = 4_096;
/** What a {@link DistributedError} may have besides. */
const LISTS = ['issues', 'ids', 'stored'] as const;

/** What is thrown, as JSON: class name, message, code, stack, cause and data. Never throws. */
export function toWire(error: unknown): WireError {
  try {
    const wire = serializeError(error, { maxDepth: MAX_DEPTH }) as WireError;
    // What a `toJSON` returns may be anything.
    if (typeof wire === 'object' && wire !== null) {
      if (JSON.stringify(wire).length <= MAX_ERROR_BYTES) return wire;
      return { ...cut(wire, 'name'), ...cut(wire, 'message'), ...cut(wire, 'code'), ...cut(wire, 'stack') };
    }
    return { name: 'Error', message: String(wire).slice(0, MAX_TEXT) };
  } catch {
    return { name: 'Error', message: 'an error that cannot be described' };
  }
}

function cut(wire: WireError, key: 'name' | 'message' | 'code' | 'stack'): WireError {
  const value = wire[key];
  if (typeof value === 'string') return { [key]: value.slice(0, MAX_TEXT) };
  return typeof value === 'number' ? { [key]: value } : {};
}

/**
 * The error again: ours and those that come with JavaScript of their class, others an `Error` with the name of theirs. `stack` is
 * where it was thrown.
 */
export function fromWire(wire: WireError): unknown {
  const { name, code, cause, stack, message = '' } = wire;
  if ((name !== 'TaskerError' && name !== 'DistributedError') || typeof code !== 'string') {
    return deserializeError({ ...wire, message });
  }
  const options = { ...(cause === undefined ? {} : { cause: isWire(cause) ? fromWire(cause) : cause }) };
  const error =
    name === 'TaskerError'
      ? new TaskerError(code as TaskerErrorCode, message, options)
      : new DistributedError(code as DistributedErrorCode, message, {
          ...options,
          ...Object.fromEntries(LISTS.filter((key) => Array.isArray(wire[key])).map((key) => [key, wire[key]])),
        });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function isWire(value: unknown): value is WireError {
  return typeof value === 'object' && value !== null && typeof (value as WireError).message === 'string';
}
