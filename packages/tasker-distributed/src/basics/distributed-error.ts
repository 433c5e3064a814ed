/** The kind of a {@link DistributedError}, for programs to test; the message is for people and may change. */
export type DistributedErrorCode =
  /** The definition has no task of that name. */
  | 'UNKNOWN_TASK'
  /** An input or a result is not what the schema of the task says; `issues` tells what is wrong. */
  | 'INVALID_INPUT'
  | 'INVALID_OUTPUT'
  /** An input, a result or a progress that JSON would change or lose, or that is larger than 1 MiB as JSON. */
  | 'NOT_JSON'
  | 'TOO_LARGE'
  /** The worker of a task that may run only once has died; how far the task had come is not known. */
  | 'ONCE_LOST'
  /** The store knows no such task: it was removed, or its result has been kept long enough. */
  | 'NO_RESULT'
  /** The store did not answer for so long that it is not waited for any more. */
  | 'STORE_UNREACHABLE'
  /** The store failed while many tasks were submitted: `ids` has the ids of all, `stored` those that the store is known to have. */
  | 'NOT_ALL_STORED'
  /** Another process has the folder of the embedded store open. */
  | 'STORE_IN_USE';

/** The pages that say what a code means and what to do about it; the repository is that of the package.json, which a test compares. */
const PAGES = 'https://github.com/tasker/tasker/blob/main/docs/errors/';

/** In the global registry, so that two installed copies of the package know each other's errors. */
const BRAND: symbol = Symbol.for('tasker-distributed.error');

/**
 * What goes wrong between machines. The codes that one machine has as well, such as `STOPPED`, `KILLED`, `TIMEOUT`,
 * `RETRIES_EXHAUSTED` and `INVALID_CONFIG`, come with a `TaskerError` of the core; errors of a task itself keep their class name.
 */
export class DistributedError extends Error {
  readonly code: DistributedErrorCode;
  /** The address of the page about the code; a field of its own, so that it is printed below the stack. */
  readonly help: string;
  /** What a schema found wrong. */
  declare readonly issues?: readonly unknown[];
  /** Of tasks that were submitted together: the ids of all, in the order of the inputs. */
  declare readonly ids?: readonly string[];
  /** Those of `ids` that the store is known to have; it may have others as well. */
  declare readonly stored?: readonly string[];

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'DistributedError', writable: true, configurable: true });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(
    code: DistributedErrorCode,
    message: string,
    options?: { cause?: unknown; issues?: readonly unknown[]; ids?: readonly string[]; stored?: readonly string[] },
  ) {
    super(message, options);
    const { issues, ids, stored } = options ?? {};
    this.code = code;
    this.help = `${PAGES}${code}.md`;
    if (issues !== undefined) this.issues = issues;
    if (ids !== undefined) this.ids = ids;
    if (stored !== undefined) this.stored = stored;
  }
}

/** Whether `e` is a {@link DistributedError}, with that code if one is given; works across two copies of the package. */
export function isDistributedError(e: unknown, code?: DistributedErrorCode): e is DistributedError {
  if (typeof e !== 'object' || e === null) return false;
  const error = e as DistributedError & Record<symbol, unknown>;
  return error[BRAND] === true && (code === undefined || error.code === code);
}
