import { PAGES } from '../primitives/errors.ts';

/** The code of a {@link ThreadError}, for programs to test; the message is for people and may change. */
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
 * An error of the thread or process itself. An error thrown by a function reaches its caller as what it was.
 *
 * | code | when | the thread |
 * |---|---|---|
 * | `THREAD_EXITED` | it ended or was ended before it answered; the message gives the signal or exit code of a process that crashed | gone |
 * | `THREAD_FAILED` | it threw outside a call or left a rejection unhandled; `cause` is that error | gone |
 * | `THREAD_STUCK` | it kept computing for `abortTimeout` after a call was aborted, and was ended | gone |
 * | `OUT_OF_MEMORY` | it reached its `resourceLimits` (threads only) | gone |
 * | `NO_SUCH_FUNCTION` | the module exports no function of that name | usable |
 * | `NOT_CLONEABLE` | an argument, result, item or thrown value cannot be sent; `cause` is the `DataCloneError` if it was thrown on this side | usable |
 * | `NOT_ITERABLE` | the streamed function returned no iterable, or the called function is a generator | usable |
 * | `CALL_ENDED` | in a thread: a callback was called after its call had ended | usable |
 */
export class ThreadError extends Error {
  readonly code: ThreadErrorCode;
  /** The address of the page about the code. An own property, so that Node prints it below the stack. */
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

/**
 * Whether `e` is a {@link ThreadError}, with that code if one is given. Prefer it to `instanceof`, which fails across
 * two copies of the library.
 */
export function isThreadError(e: unknown, code?: ThreadErrorCode): e is ThreadError {
  if (typeof e !== 'object' || e === null) return false;
  const error = e as ThreadError & Record<symbol, unknown>;
  return error[BRAND] === true && (code === undefined || error.code === code);
}

/** Whether an error says that its thread is gone. */
export function isThreadDeath(e: unknown): e is ThreadError {
  return isThreadError(e) && DEATHS.has(e.code);
}
