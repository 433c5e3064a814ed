import { PAGES } from '../primitives/errors.ts';

/** The kind of a {@link ThreadError}, for programs to test; the message is for people and may change. */
export type ThreadErrorCode =
  | 'THREAD_EXITED'
  | 'THREAD_FAILED'
  | 'THREAD_STUCK'
  | 'OUT_OF_MEMORY'
  | 'NO_SUCH_FUNCTION'
  | 'NOT_CLONEABLE'
  | 'NOT_ITERABLE'
  | 'CALL_ENDED';

/** In the global registry, so that two installed copies of the package know each other's errors. */
const BRAND: symbol = Symbol.for('tasker.threads.error');

/** The codes that say that the thread is gone, so that its calls may be tried on another. */
const DEATHS: ReadonlySet<string> = new Set<ThreadErrorCode>([
  'THREAD_EXITED',
  'THREAD_FAILED',
  'THREAD_STUCK',
  'OUT_OF_MEMORY',
]);

/**
 * An error of the thread itself, or of the process; what a function throws reaches its caller as what it was.
 *
 * | code | when | the thread |
 * |---|---|---|
 * | `THREAD_EXITED` | it ended, or was ended, before it answered; a process may have crashed: the message has its signal or exit code | gone |
 * | `THREAD_FAILED` | it threw outside a call or left a rejection unhandled; `cause` is that error | gone |
 * | `THREAD_STUCK` | it computed on for `abortTimeout` after a call was aborted, and was ended | gone |
 * | `OUT_OF_MEMORY` | it reached its `resourceLimits`; a thread only | gone |
 * | `NO_SUCH_FUNCTION` | the module exports no function of that name | well |
 * | `NOT_CLONEABLE` | an argument, a result, an item or what was thrown cannot be sent; `cause` is the `DataCloneError`, if it was thrown here | well |
 * | `NOT_ITERABLE` | what was to be streamed is no iterable, or what was called is a generator | well |
 * | `CALL_ENDED` | in a thread: a callback was called after the end of the call that it belonged to | well |
 */
export class ThreadError extends Error {
  readonly code: ThreadErrorCode;
  /** The address of the page about the code; a field of its own, so that it is printed below the stack. */
  readonly help: string;

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'ThreadError', writable: true, configurable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(code: ThreadErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.help = `${PAGES}${code}.md`;
  }
}

/** Whether `e` is a {@link ThreadError}, with that code if one is given; prefer it to `instanceof`, which fails across two copies. */
export function isThreadError(e: unknown, code?: ThreadErrorCode): e is ThreadError {
  if (typeof e !== 'object' || e === null) return false;
  const error = e as ThreadError & Record<symbol, unknown>;
  return error[BRAND] === true && (code === undefined || error.code === code);
}

/** Whether an error says that its thread is gone. */
export function isThreadDeath(e: unknown): e is ThreadError {
  return isThreadError(e) && DEATHS.has(e.code);
}
