import type {
  DestroyReason,
  ManagerLimits,
  ManagerSnapshot,
  RunningInfo,
  ScaleReason,
  ShutdownReport,
  TaskInfo,
  TaskMetrics,
  TaskStats,
  WorkerInfo,
  WorkerKind,
} from 'tasker';
import type { PlainValue } from './plain-value.ts';
import type { ShownError } from './shown-error.ts';

/** What the server tells a page. Times are milliseconds; `at` is the date of the server, other instants are those of the manager's clock. */

/** `GET /api/state`, and the event `state` of the stream. */
export interface StateMessage {
  readonly at: number;
  readonly managers: Readonly<Record<string, ManagerView>>;
}

/** One manager as it is now. */
export interface ManagerView {
  readonly stats: TaskStats;
  readonly metrics: TaskMetrics;
  readonly snapshot: ShownSnapshot;
  readonly limits: ManagerLimits;
  /** The time by the manager's clock. */
  readonly now: number;
}

/** A `ManagerSnapshot`, cut where it could be large. */
export interface ShownSnapshot extends Omit<ManagerSnapshot, 'workers' | 'pool' | 'leases' | 'retrying'> {
  readonly workers: readonly ShownWorker[];
  readonly pool: readonly ShownWorker[];
  readonly leases: readonly ShownRun[];
  readonly retrying: readonly ShownTask[];
  /** How many more there are of what was cut. */
  readonly more: { readonly workers: number; readonly keys: number; readonly pool: number; readonly retrying: number };
}

export interface ShownWorker extends Omit<WorkerInfo, 'tasks'> {
  readonly tasks: readonly ShownRun[];
}

export interface ShownRun extends Omit<RunningInfo, 'task'> {
  readonly task: ShownTask;
}

/** A `TaskInfo` with short texts and a `meta` that JSON can hold. */
export interface ShownTask extends Omit<TaskInfo, 'meta'> {
  readonly meta?: PlainValue;
}

/** Something that happened, numbered in its order. */
export type Note = { readonly number: number; readonly at: number } & (
  | { readonly kind: 'completed'; readonly task: ShownTask; readonly finishedAt: number }
  | { readonly kind: 'failed'; readonly task: ShownTask; readonly finishedAt: number; readonly error: ShownError }
  | { readonly kind: 'cancelled'; readonly task: ShownTask; readonly finishedAt: number; readonly error: ShownError }
  | { readonly kind: 'dropped'; readonly task: ShownTask; readonly error: ShownError }
  | {
      readonly kind: 'retried';
      readonly task: ShownTask;
      readonly error: ShownError;
      readonly delay: number;
      /** By the manager's clock. */
      readonly heardAt: number;
    }
  | {
      readonly kind: 'stuck';
      readonly task: ShownTask;
      readonly stack?: string;
      readonly waitsFor?: string;
      readonly isDeadlock: boolean;
    }
  | { readonly kind: 'abandoned'; readonly task: ShownTask }
  | {
      readonly kind: 'scaled';
      readonly from: number;
      readonly to: number;
      readonly reason: ScaleReason;
      readonly message: string;
    }
  | { readonly kind: 'createFailed'; readonly worker: WorkerKind; readonly error: ShownError }
  | {
      readonly kind: 'resourceDestroyed';
      readonly worker: WorkerKind;
      readonly reason: DestroyReason;
      readonly error?: ShownError;
    }
  | { readonly kind: 'paused' | 'resumed' }
  | { readonly kind: 'stopped'; readonly report: StoppedReport }
);

export type NoteKind = Note['kind'];

/** The counts of a `ShutdownReport`. */
export interface StoppedReport extends Pick<ShutdownReport, 'completed' | 'failed' | 'durationMs'> {
  readonly dropped: number;
  readonly abandoned: number;
}

/** Measured at one time; rates are per second since the sample before. */
export interface Sample {
  readonly at: number;
  readonly arrivals: number;
  readonly completions: number;
  readonly failures: number;
  readonly retries: number;
  /** Of completed tasks; null if there were none. */
  readonly waitP50: number | null;
  readonly waitP95: number | null;
  readonly runP50: number | null;
  readonly runP95: number | null;
  readonly workers: number;
  readonly running: number;
  readonly queued: number;
}

/** Samples by column, the oldest first. */
export type History = { readonly [K in keyof Sample]: readonly Sample[K][] };

/** What happened to a manager, all that is remembered or what is new. */
export interface Past {
  readonly history: History;
  readonly notes: readonly Note[];
}

/** The event `hello` of the stream: how it begins, and goes on for a page that could not keep up. */
export interface HelloMessage {
  /** Of the page's files: a page of another version reloads itself. */
  readonly version: string;
  /** Allows actions. */
  readonly token: string;
  readonly isReadOnly: boolean;
  readonly historyLength: number;
  readonly managers: Readonly<Record<string, Past>>;
}

/** The event `news` of the stream: what happened since the one before. */
export interface NewsMessage {
  readonly managers: Readonly<Record<string, Past>>;
}

/** `GET /api/managers/:name/tasks?text=`: what runs and waits. */
export interface FoundMessage {
  readonly at: number;
  readonly now: number;
  readonly tasks: readonly ShownTask[];
}
