import type { TaskState, WorkerRef } from '../primitives/task-info.ts';

/** What is to be known of a task that has {@link Ties}. */
export interface TiedTask {
  readonly kind: 'queued' | 'direct' | 'lease';
  readonly state: TaskState;
  readonly key: string | undefined;
  readonly label: string;
  readonly isOpen: boolean;
  readonly isWaiting: boolean;
  readonly place: { readonly ref: WorkerRef } | undefined;
}

/** A call that ends no sooner than the task inside which it was made, such as `stop()`. */
export interface WaitingCall {
  readonly name: string;
}

/** How a task was asked for: by a submission, which makes it, or by a look at the result of one that was there. */
export type Asking = 'submitted' | 'result';

/**
 * What one task has asked the manager for from inside its function, and who has asked for it in the same way. A task that runs
 * for too long may wait for what it has asked for. Both sides know of each other, so that whoever ends is forgotten by the other.
 */
export class Ties {
  /** Undefined once the task is over. */
  task: TiedTask | undefined;
  /** Tasks and leases that it has asked for. */
  readonly asked: Map<Ties, Asking> = new Map();
  /** The tasks that have asked for it. */
  readonly askers: Set<Ties> = new Set();
  /** Calls that it has made and that have not ended. */
  readonly calls: Set<WaitingCall> = new Set();

  constructor(task: TiedTask) {
    this.task = task;
  }

  ask(other: Ties, how: Asking): void {
    if (this.asked.has(other)) return;
    this.asked.set(other, how);
    other.askers.add(this);
  }

  /** A new run begins, or none will: what an earlier one has asked for is not waited for any more. */
  forget(): void {
    for (const other of this.asked.keys()) other.askers.delete(this);
    this.asked.clear();
    this.calls.clear();
  }

  letGo(): void {
    this.forget();
    for (const asker of this.askers) asker.asked.delete(this);
    this.askers.clear();
    this.task = undefined;
  }
}

/** What a task waits for, in a sentence, and whether it does so for ever. */
export interface Wait {
  readonly message: string;
  readonly isDeadlock: boolean;
}

/** A task or lease, in words. */
export function noun({ kind, label }: Pick<TiedTask, 'kind' | 'label'>): string {
  return `${kind === 'lease' ? 'lease' : 'task'} ${label}`;
}
