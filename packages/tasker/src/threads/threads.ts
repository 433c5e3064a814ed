import type { CreateContext, DestroyReason } from '../index.ts';
import { ModuleThread } from './module-thread.ts';
import type { ThreadModule } from './module-types.ts';
import { resolveOptions } from './options.ts';
import type { ThreadOptions, ThreadSource } from './options.ts';
import { startThread } from './start-thread.ts';
import { isThreadDeath } from './thread-error.ts';
import type { Thread } from './thread.ts';

/** The hooks of a task manager whose resources are threads: to be spread into its configuration, or to be wrapped. */
export interface ThreadHooks<M> {
  /** Starts a thread, loads the module and calls its `onCreate`. Rejects with what that throws. */
  readonly onCreate: (context: Pick<CreateContext, 'signal' | 'invalidate'>) => Promise<Thread<M>>;
  /** Calls the module's `onDestroy`, then ends the thread; an abandoned one is ended at once, even in an endless loop. */
  readonly onDestroy: (thread: Thread<M>, reason: DestroyReason) => Promise<void>;
  /** Unhealthy, so replaced, and the task retried elsewhere, is exactly a thread that has died: see `ThreadError`. */
  readonly checkHealth: (error: unknown) => boolean;
}

/**
 * Threads as the resources of a task manager: each loads a module, a file of exported functions, which tasks call. `source`
 * is its address, or, in programs that are bundled, a function that makes a worker whose file calls `serve()`.
 *
 * A module may export `onCreate(data)`, whose result is `this.state` of every function (see `ThreadCall`) and lives as
 * long as the thread, and `onDestroy(state)`. `M` is the module's type, and the only thing of it that is loaded here.
 *
 * A thread that exits, throws outside of a call, leaves a rejection unhandled or runs out of memory rejects its calls with
 * a `ThreadError` and is replaced, also while it is idle. A task whose arguments were moved cannot be tried again: submit
 * it with `queueTaskOnce`.
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
  return {
    onCreate: async ({ signal, invalidate }) => {
      const thread = await startThread(resolved, { signal, onDeath: invalidate });
      return thread as unknown as Thread<M>;
    },
    onDestroy: async (thread, reason) => {
      if (!(thread instanceof ModuleThread))
        throw new TypeError('onDestroy must get what onCreate of threads() has made');
      if (reason === 'abandoned') await thread.terminate();
      else await thread.close(resolved.destroyTimeout);
    },
    checkHealth: (error) => !isThreadDeath(error),
  };
}
