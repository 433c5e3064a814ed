import type { ThreadHooks } from './hooks.ts';
import { ModuleThread } from './module-thread.ts';
import type { Start } from './start-thread.ts';
import { isThreadDeath } from './thread-error.ts';
import type { Thread } from './thread.ts';

/** The hooks of what `start` starts; `maker` is the function that the user has called. */
export function makeHooks<M>(
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
