import type { TaskManagerConfig } from 'tasker';
import { textOf } from '../basics/error-description.ts';
import { UsageError } from '../basics/usage-error.ts';
import { importModule } from './import-module.ts';
import { boundOptions, readWorker } from './load-worker.ts';
import type { Worker } from './load-worker.ts';

/** A definition, as `defineTasks` of tasker-distributed makes it. */
export interface Definition {
  readonly names: readonly string[];
  task(name: string): { run(resource: unknown, input: unknown, context: never): unknown };
}

/** The tasks of a definition, and the options of the workers that run them. */
export interface TasksWorker {
  /** They are not checked yet. */
  readonly options: Partial<TaskManagerConfig<unknown>>;
  readonly tasks: Definition;
}

/** Loads what workers of a store run: the `tasks` of a module, or its `run` as `tasker run` has it. Throws `UsageError`. */
export async function loadTasks(path: string): Promise<Worker | TasksWorker> {
  const namespace = await importModule(path);
  try {
    const { default: exported = onlyDefinitionOf(namespace) } = namespace;
    if (isDefinition(exported)) return { options: {}, tasks: exported };
    const { tasks, ...others } = Object(exported) as { tasks?: unknown };
    if (tasks === undefined) return readWorker(exported, path);
    if (!isDefinition(tasks)) throw new UsageError(`tasks of ${path} must be a definition, as defineTasks makes it`);
    if ('run' in others) throw new UsageError(`the worker of ${path} has both run and tasks: keep one of them`);
    return { options: boundOptions(others, exported), tasks };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the worker of ${path} cannot be read: ${textOf(error)}`, { cause: error });
  }
}

/** The one definition that a module exports by a name, if it exports nothing by default. */
function onlyDefinitionOf(namespace: Readonly<Record<string, unknown>>): unknown {
  const [first, second] = Object.values(namespace).filter((value) => isDefinition(value));
  return second === undefined ? first : undefined;
}

function isDefinition(value: unknown): value is Definition {
  if (typeof value !== 'object' || value === null) return false;
  const { names, task } = value as Partial<Definition>;
  return Array.isArray(names) && typeof task === 'function';
}
