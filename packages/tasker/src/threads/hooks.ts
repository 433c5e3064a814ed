import type { CreateContext, DestroyReason } from '../index.ts';
import type { Thread } from './thread.ts';

/**
 * The hooks of a task manager whose resources are threads, or processes, which are meant by the word here: to be spread into
 * its configuration, or to be wrapped.
 */
export interface ThreadHooks<M> {
  /** Starts a thread, loads the module and calls its `onCreate`. Rejects with what that throws. */
  readonly onCreate: (context: Pick<CreateContext, 'signal' | 'invalidate'>) => Promise<Thread<M>>;
  /** Calls the module's `onDestroy`, then ends the thread; an abandoned one is ended at once, even in an endless loop. */
  readonly onDestroy: (thread: Thread<M>, reason: DestroyReason) => Promise<void>;
  /** False if the error says that the thread has died, so that it is replaced and the task retried: see `ThreadError`. Else true. */
  readonly checkHealth: (error: unknown) => boolean;
}
