import { UsageError } from '../basics/usage-error.ts';
import { loadModule } from '../process/load-module.ts';
import { Store, queueOf } from '../process/store.ts';
import { NAMES } from '../work/item-tasks.ts';
import { loadTasks } from '../work/load-tasks.ts';
import type { Definition } from '../work/load-tasks.ts';
import type { SubmitSettings } from './settings.ts';

/** Where tasks go. */
export interface Target {
  readonly store: Store;
  /** What the client checks them by; undefined if no more is known than their name. */
  readonly definition: Definition | undefined;
  /** That of the task. */
  readonly name: string;
  /** Whether a task is an item of a module with `run`. */
  readonly isItem: boolean;
}

/** Finds out where tasks go. Rejects with `UsageError`. */
export async function targetOf({ module, name, url, queue, wait }: SubmitSettings): Promise<Target> {
  if (module === undefined) {
    if (name === undefined) throw new UsageError('say what is to be run: a MODULE, or --name NAME');
    return { store: await Store.load(url, queue), definition: undefined, name, isItem: false };
  }
  const loaded = await loadModule(module, loadTasks);
  const store = await Store.load(url, queueOf(loaded, module, queue));
  if ('tasks' in loaded) {
    const { tasks } = loaded;
    return { store, definition: tasks, name: name ?? onlyName(tasks.names, module), isItem: false };
  }
  if (name !== undefined && name !== NAMES.run) {
    throw new UsageError(`${module} has one task, its run: leave --name ${name} out`);
  }
  // Who waits is told how the run of an item went.
  return { store, definition: undefined, name: wait ? NAMES.item : NAMES.run, isItem: true };
}

function onlyName(names: readonly string[], module: string): string {
  const [first, second] = names;
  if (first === undefined) throw new UsageError(`${module} has no tasks`);
  if (second === undefined) return first;
  throw new UsageError(`${module} has the tasks ${names.join(', ')}: choose one by --name`);
}
