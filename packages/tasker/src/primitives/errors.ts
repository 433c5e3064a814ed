import type { TaskInfo } from './task-info.ts';

/** What went wrong, for code; the message is for people and may change. */
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

/** In the global registry, so that two installed copies of the package know each other's errors. */
const BRAND: symbol = Symbol.for('tasker.error');

/**
 * The one class of our own errors; an error thrown by a task reaches its caller as it is.
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
  /** The task concerned, as it was; absent where the error is not about one task. */
  declare readonly task?: TaskInfo;

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TaskerError', writable: true, configurable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(code: TaskerErrorCode, message: string, options?: { cause?: unknown; task?: TaskInfo }) {
    super(message, options);
    this.code = code;
    if (options?.task !== undefined) this.task = options.task;
  }
}

/** Whether `e` is a {@link TaskerError}, of that code if one is given; prefer it to `instanceof`, which fails across two copies. */
export function isTaskerError(e: unknown, code?: TaskerErrorCode): e is TaskerError {
  if (typeof e !== 'object' || e === null) return false;
  const error = e as TaskerError & Record<symbol, unknown>;
  return error[BRAND] === true && (code === undefined || error.code === code);
}

/**
 * Makes errors for many tasks that end for one reason. They share the stack of the first, since capturing a stack costs
 * more than all the rest of a rejection.
 */
export function alike(
  code: TaskerErrorCode,
  message: string,
  options: { cause?: unknown },
): (task: TaskInfo) => TaskerError {
  let stack: string | undefined;
  return (task) => {
    const make = (): TaskerError => new TaskerError(code, message, { ...options, task });
    const error = stack === undefined ? undefined : withoutStack(make);
    if (error === undefined || stack === undefined) {
      const first = make();
      stack ??= stackOf(first);
      return first;
    }
    error.stack = stack;
    return error;
  };
}

/** Has the runtime capture no stack meanwhile; undefined where it cannot be told so. `make` must call nothing but ours. */
function withoutStack<T>(make: () => T): T | undefined {
  const { stackTraceLimit } = Error;
  if (typeof stackTraceLimit !== 'number' || !Reflect.set(Error, 'stackTraceLimit', 0)) return undefined;
  const made = make();
  Error.stackTraceLimit = stackTraceLimit;
  return made;
}

/** Reading a stack may call `Error.prepareStackTrace`, which is not ours. */
function stackOf(error: Error): string | undefined {
  try {
    return error.stack;
  } catch {
    return undefined;
  }
}
