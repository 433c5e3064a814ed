import type { TaskManagerConfig } from 'tasker';
import { textOf } from '../basics/error-description.ts';
import { UsageError } from '../basics/usage-error.ts';
import type { WorkerContext } from './define-worker.ts';
import { importModule } from './import-module.ts';

/** A worker as the module has it, whichever form it has there. */
export interface Worker {
  /** The options of the manager that the module sets; they are not checked yet. */
  readonly options: Partial<TaskManagerConfig<unknown>>;
  readonly run: (item: unknown, resource: unknown, context: WorkerContext) => unknown;
}

/** Loads a module and reads its worker. Throws `UsageError`. */
export async function loadWorker(path: string): Promise<Worker> {
  const { default: exported } = await importModule(path);
  try {
    return readWorker(exported, path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the worker of ${path} cannot be read: ${textOf(error)}`, { cause: error }); // by a getter
  }
}

/** Reads a worker from the default export of the module at `path`. Throws `UsageError`. */
export function readWorker(exported: unknown, path: string): Worker {
  if (exported === undefined) {
    throw new UsageError(
      `${path} has no default export: write \`export default defineWorker({ run: (item) => … })\`, ` +
        'or `export default (item) => …`',
    );
  }
  if (typeof exported === 'function') {
    if (/^class\b/.test(Function.prototype.toString.call(exported))) {
      throw new UsageError(`the default export of ${path} is a class; export an object that is made by it`);
    }
    return { options: {}, run: (item, _resource, context) => Reflect.apply(exported, undefined, [item, context]) };
  }
  if (typeof exported !== 'object' || exported === null) {
    throw new UsageError(
      `the default export of ${path} must be a worker, as defineWorker makes it, or a function, got ${textOf(exported)}`,
    );
  }
  const { run, ...options } = exported as Record<string, unknown>;
  if (typeof run !== 'function') {
    const none = 'tasks' in options ? 'its tasks are for tasker worker and tasker submit' : 'it has none';
    const got = run === undefined ? none : `got ${typeof run}`;
    throw new UsageError(`the worker of ${path} must have a function run(item, resource, context), ${got}`);
  }
  for (const [hook, other] of [
    ['onCreate', 'onDestroy'],
    ['onDestroy', 'onCreate'],
  ] as const) {
    if (options[hook] !== undefined && options[other] === undefined) {
      const use =
        other === 'onDestroy' ? 'it disposes of what onCreate has made' : 'it makes what onDestroy disposes of';
      throw new UsageError(`the worker of ${path} has ${hook} but no ${other}: ${use}`);
    }
  }
  return {
    options: boundOptions(options, exported),
    run: (item, resource, context) => Reflect.apply(run, exported, [item, resource, context]),
  };
}

/** Hooks see the worker as `this`, as `run` does. */
export function boundOptions(options: object, worker: unknown): Worker['options'] {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]: [string, unknown]) => [
      name,
      isHook(value) ? value.bind(worker) : value,
    ]),
  );
}

const isHook = (value: unknown): value is (...args: never[]) => unknown => typeof value === 'function';
