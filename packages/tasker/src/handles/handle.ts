import { FINITE, readOptions } from '../primitives/option-rules.ts';
import type { TaskState } from '../primitives/task-info.ts';
import type { TaskRecord } from '../tasks/task.ts';

/** The handle of a submitted task. */
export interface TaskHandle<T> {
  /** Unique within the manager. */
  readonly id: string;
  readonly state: TaskState;
  /** Settles like the promise of `queueTask`. */
  readonly result: Promise<T>;
  /**
   * Setting it moves a waiting task to the end of the new priority. Throws `INVALID_CONFIG` if the value is not finite.
   */
  priority: number;
  /**
   * Cancels the waiting or running task. Its result rejects with `reason` (default: an `AbortError`), which is never
   * unhandled. Returns false if the task has already ended.
   */
  cancel(reason?: unknown): boolean;
}

/** The handle of a task that was accepted. */
export class RecordHandle<R, T> implements TaskHandle<T> {
  readonly #result: Promise<T>;
  readonly #task: TaskRecord<R>;
  readonly #owner: HandleOwner<R>;

  constructor(task: TaskRecord<R>, result: Promise<T>, owner: HandleOwner<R>) {
    this.#task = task;
    this.#result = result;
    this.#owner = owner;
  }

  get result(): Promise<T> {
    this.#owner.resultRead(this.#task);
    return this.#result;
  }

  get id(): string {
    return this.#task.id;
  }

  get state(): TaskState {
    return this.#task.state;
  }

  get priority(): number {
    return this.#task.priority;
  }

  set priority(priority: number) {
    readOptions({ priority }, { priority: FINITE }, '');
    this.#owner.prioritize(this.#task, priority);
  }

  cancel(reason?: unknown): boolean {
    return this.#owner.cancel(this.#task, reason);
  }
}

/** What a handle can have done with its task. */
export interface HandleOwner<R> {
  /** Somebody may wait for the task. */
  resultRead(task: TaskRecord<R>): void;
  /** False if the task has ended already. */
  cancel(task: TaskRecord<R>, reason: unknown): boolean;
  prioritize(task: TaskRecord<R>, priority: number): void;
}
