import type { CreateContext, DestroyReason } from '../index.ts';
import type { Thread } from './thread.ts';

/**
 * Hooks for a task manager with threads or processes as its resources; "thread" here means either. Spread them into the
 * configuration, or wrap them.
 */
export interface ThreadHooks<M> {
  /**
   * Starts a thread, loads the module and calls its `onCreate`. Rejects with what the module or its `onCreate` throws.
   */
  readonly onCreate: (context: Pick<CreateContext, 'signal' | 'invalidate'>) => Promise<Thread<M>>;
  /**
   * Calls the module's `onDestroy`, then ends the thread. An abandoned thread is ended at once, even in an endless
   * loop.
   */
  readonly onDestroy: (thread: Thread<M>, reason: DestroyReason) => Promise<void>;
  /**
   * Returns false if the error says that the thread has died, so that it is replaced and the task retried (see
   * `ThreadError`); else true.
   */
  readonly checkHealth: (error: unknown) => boolean;
}
