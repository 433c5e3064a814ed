import type { ThreadHooks } from './hooks.ts';
import { makeHooks } from './make-hooks.ts';
import type { ThreadModule } from './module-types.ts';
import { resolveOptions } from './options.ts';
import type { ThreadOptions, ThreadSource } from './options.ts';
import { startThread } from './start-thread.ts';

/**
 * Hooks for a task manager with threads as its resources. Each thread loads a module, a file of exported functions,
 * which tasks call. `source` is the address of the module or, in a bundled program, a function that makes a worker from
 * a file that calls `serve()`.
 *
 * A module may export `onCreate(data)` and `onDestroy(state)`. The result of `onCreate` is `this.state` in every
 * function (see `ThreadCall`) and lives as long as the thread. `M` is the module's type; the calling side loads nothing
 * else of the module.
 *
 * A thread that exits, throws outside a call, leaves a rejection unhandled or runs out of memory rejects its calls with
 * a `ThreadError` and is replaced, even while it is idle. A task cannot be retried once its arguments were moved:
 * submit it with `queueTaskOnce`.
 *
 * @throws TaskerError `INVALID_CONFIG` for a wrong or unknown option.
 *
 * @example
 * ```ts
 * // heavy.ts
 * import { createHash } from 'node:crypto';
 *
 * export const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
 *
 * // main.ts
 * import { createTaskManager } from 'tasker';
 * import { threads } from 'tasker/threads';
 *
 * const module = new URL('./heavy.js', import.meta.url);
 * const manager = await createTaskManager({ ...threads<typeof import('./heavy.js')>(module), workerCount: 4 });
 * const digest = await manager.queueTask((thread) => thread.run('hash', bytes));
 * const other = await manager.queueTask((thread, { signal }) =>
 *   thread.call('hash', [bytes], { transfer: [bytes.buffer], signal }),
 * );
 * ```
 */
export function threads<M = ThreadModule>(source: ThreadSource, options: ThreadOptions<M> = {}): ThreadHooks<M> {
  const resolved = resolveOptions(source, options as ThreadOptions);
  return makeHooks('threads', resolved.destroyTimeout, (at) => startThread(resolved, at));
}
