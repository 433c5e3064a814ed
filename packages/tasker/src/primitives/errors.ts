import type { TaskInfo } from './task-info.ts';

/** The code of a {@link TaskerError}, for programs to test; the message is for people and may change. */
export type TaskerErrorCode =
  | 'STOPPED'
  | 'KILLED'
  | 'RETRIES_EXHAUSTED'
  | 'CREATE_FAILED'
  | 'TIMEOUT'
  | 'QUEUE_TIMEOUT'
  | 'DEADLINE'
  | 'QUEUE_FULL'
  | 'DROPPED'
  | 'INVALID_CONFIG';

/** The pages that say what a code means and what to do about it; the repository is that of the package.json, which a test compares. */
export const PAGES = 'https://github.com/tasker/tasker/blob/main/docs/errors/';

/** In the global registry, so that two installed copies of the package know each other's errors. */
const BRAND: symbol = Symbol.for('tasker.error');

/**
 * The class of all errors of this library. An error thrown by a task reaches its caller as it is.
 *
 * @example
 * ```ts
 * import { isTaskerError } from 'tasker';
 *
 * try {
 *   await manager.queueTask(task, { timeout: 1000 });
 * } catch (error) {
 *   if (isTaskerError(error, 'TIMEOUT')) console.warn(`${error.task?.id} took too long`);
 *   else throw error;
 * }
 * ```
 */
export class TaskerError extends Error {
  readonly code: TaskerErrorCode;
  /** The address of the page about the code. An own property, so that Node prints it below the stack. */
  readonly help: string;
  /** A snapshot of the task concerned; absent if the error is not about one task. */
  declare readonly task?: TaskInfo;

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TaskerError', writable: true, configurable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(code: TaskerErrorCode, message: string, options?: { cause?: unknown; task?: TaskInfo }) {
    super(message, options);
    this.code = code;
    this.help = `${PAGES}${code}.md`;
    if (options?.task !== undefined) this.task = options.task;
  }
}

/**
 * Whether `e` is a {@link TaskerError}, with that code if one is given. Prefer it to `instanceof`, which fails across
 * two copies of the library.
 */
export function isTaskerError(e: unknown, code?: TaskerErrorCode): e is TaskerError {
  if (typeof e !== 'object' || e === null) return false;
  const error = e as TaskerError & Record<symbol, unknown>;
  return error[BRAND] === true && (code === undefined || error.code === code);
}

/**
 * For errors of many tasks that end for one reason: they share the frames of the first, since capturing a stack costs more
 * than all the rest of a rejection. The returned function calls `make`, which must call nothing but ours; `submission` is a further
 * stack, which `make` appends: each error has its own.
 */
export function sharingStack(): (make: () => TaskerError, submission?: string) => TaskerError {
  let frames: string | undefined;
  return (make, submission) => {
    const error = frames === undefined ? undefined : withoutStack(make);
    if (error === undefined) {
      const first = make();
      frames ??= framesOf(first, submission);
      return first;
    }
    error.stack = `${error.name}: ${error.message}${frames ?? ''}${submission === undefined ? '' : `\n${submission}`}`;
    return error;
  };
}

/** Has the runtime capture no stack meanwhile; undefined where it cannot be told so. */
function withoutStack<T>(make: () => T): T | undefined {
  const { stackTraceLimit } = Error;
  if (typeof stackTraceLimit !== 'number' || !Reflect.set(Error, 'stackTraceLimit', 0)) return undefined;
  const made = make();
  Error.stackTraceLimit = stackTraceLimit;
  return made;
}

/** The frames without the submission at their end. Reading a stack may call `Error.prepareStackTrace`, which is not ours. */
function framesOf(error: Error, submission: string | undefined): string {
  try {
    const stack = error.stack ?? '';
    const start = stack.indexOf('\n    at ');
    const end = submission !== undefined && stack.endsWith(submission) ? -submission.length - 1 : undefined;
    return start < 0 ? '' : stack.slice(start, end);
  } catch {
    return '';
  }
}
