import type { TaskInfo } from '../primitives/task-info.ts';

/** The result of a shutdown, counted from the call of `stop()` or `kill()`, whichever came first. */
export interface ShutdownReport {
  /** Tasks completed since. */
  readonly completed: number;
  /** Tasks failed since. */
  readonly failed: number;
  /** Tasks that waited when the manager was killed. */
  readonly dropped: TaskInfo[];
  /** Tasks whose function was given up while it ran; what it did may be half done. */
  readonly abandoned: TaskInfo[];
  /** Milliseconds from that call to the end. */
  readonly durationMs: number;
}

/** What a shutdown counts, from the call of `stop()` or `kill()` on. */
export interface ShutdownTally {
  completed: number;
  failed: number;
  readonly dropped: TaskInfo[];
  readonly abandoned: TaskInfo[];
}
