import type { CreateContext, DestroyReason } from '../index.ts';
import { ModuleThread } from './module-thread.ts';
import type { Start } from './start-thread.ts';
import { isThreadDeath } from './thread-error.ts';
import type { Thread } from './thread.ts';

/** The hooks of a task manager whose resources are threads or processes: to be spread into its configuration, or to be wrapped. */
export interface ThreadHooks<M> {
  /** Starts a thread, loads the module and calls its `onCreate`. Rejects with what that throws. */
  readonly onCreate: (context: Pick<CreateContext, 'signal' | 'invalidate'>) => Promise<Thread<M>>;
  /** Calls the module's `onDestroy`, then ends the thread; an abandoned one is ended at once, even in an endless loop. */
  readonly onDestroy: (thread: Thread<M>, reason: DestroyReason) => Promise<void>;
  /** Unhealthy, so replaced, and the task retried elsewhere, is exactly a thread that has died: see `ThreadError`. */
  readonly checkHealth: (error: unknown) => boolean;
}

/** The hooks of what `start` starts; `maker` is the function that the user has called. */
export function hooksOf<M>(
  maker: string,
  destroyTimeout: number,
  start: (at: Start) => Promise<ModuleThread>,
): ThreadHooks<M> {
  return {
    onCreate: async ({ signal, invalidate }) => {
      const thread = await start({ signal, onDeath: invalidate });
      return thread as unknown as Thread<M>;
    },
    onDestroy: async (thread, reason) => {
      if (!(thread instanceof ModuleThread))
        throw new TypeError(`onDestroy must get what onCreate of ${maker}() has made`);
      if (reason === 'abandoned') await thread.terminate();
      else await thread.close(destroyTimeout);
    },
    checkHealth: (error) => !isThreadDeath(error),
  };
}
