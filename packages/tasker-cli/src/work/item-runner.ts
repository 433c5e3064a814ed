import type { TaskManagerConfig } from 'tasker';
import { encodeResult } from '../basics/encoded-result.ts';
import type { EncodedResult } from '../basics/encoded-result.ts';
import type { ItemContext } from './item-context.ts';
import type { Worker } from './load-worker.ts';

/** Where items are run: in this thread, or each worker in one of its own. */
export interface ItemRunner {
  /** What the manager is made with, where it would be made with `config` to run items here. */
  config(config: TaskManagerConfig<unknown>): TaskManagerConfig<unknown>;
  /** Runs an item with the resource of a worker of that manager. */
  run(item: unknown, resource: unknown, context: ItemContext): unknown;
  /** What `run` has given, as JSON. */
  encode(result: unknown): EncodedResult;
}

/** Runs items in this thread. */
export function runHere({ run }: Worker): ItemRunner {
  return { config: (config) => config, run, encode: encodeResult };
}
