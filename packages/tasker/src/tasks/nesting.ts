import { makeStorage } from '../primitives/async-scope.ts';
import type { AsyncScope, AsyncStorage } from '../primitives/async-scope.ts';
import type { TaskRecord } from './task.ts';
import { Ties } from './ties.ts';

/** Of which workers the tasks are waited for: of all, or of all but the temporary ones of `runTask`. */
export type WaitedFor = 'all' | 'lasting';

/**
 * Knows, from an async context in which each task runs, inside which task a call of the manager is made. So it knows what a task
 * that is stuck may be waiting for. Made only where `stuckAfter` is on.
 */
export class Nesting {
  readonly #storage: AsyncStorage<Ties>;

  constructor(storage: AsyncStorage<Ties>) {
    this.#storage = storage;
  }

  /** Undefined where the runtime has no `AsyncLocalStorage`. */
  static begin(): Nesting | undefined {
    const storage = makeStorage<Ties>();
    return storage && new Nesting(storage);
  }

  /** A task is made, maybe inside another one. From now on what is called inside its function is known to be its doing. */
  enter<R>(task: TaskRecord<R>): Ties {
    const ties = new Ties(task);
    this.#caller?.ask(ties, 'submitted');
    task.scope = new NestedScope(this.#storage, ties, task, task.scope);
    return ties;
  }

  /** Somebody looks at the result of a task. */
  resultRead<R>({ extras }: TaskRecord<R>): void {
    if (extras?.ties !== undefined) this.#caller?.ask(extras.ties, 'result');
  }

  /** Somebody calls what ends, with `promise`, no sooner than the tasks of `workers` or of all. */
  called(name: string, promise: Promise<unknown>, workers: WaitedFor): void {
    const caller = this.#caller;
    if (caller === undefined) return;
    if (workers === 'lasting' && caller.task?.place?.ref.kind === 'temporary') return;
    const call = { name };
    caller.calls.add(call);
    const ended = (): void => void caller.calls.delete(call);
    promise.then(ended, ended);
  }

  /** The manager has ended. */
  end(): void {
    this.#storage.disable();
  }

  /** The task inside which this is called; what is left over of one that has ended is nobody. */
  get #caller(): Ties | undefined {
    const ties = this.#storage.getStore();
    return ties?.task?.state === 'running' ? ties : undefined;
  }
}

/** The scope of a task's submitter, if that is kept, and in it the task itself. */
class NestedScope implements AsyncScope {
  readonly #storage: AsyncStorage<Ties>;
  readonly #ties: Ties;
  readonly #task: AsyncScope;
  readonly #own: AsyncScope | undefined;

  /** `own` is the scope of the task if it is not the task itself. */
  constructor(storage: AsyncStorage<Ties>, ties: Ties, task: AsyncScope, own: AsyncScope | undefined) {
    this.#storage = storage;
    this.#ties = ties;
    this.#task = task;
    this.#own = own;
  }

  runInAsyncScope<A extends unknown[], T>(fn: (...args: A) => T, thisArg: unknown, ...args: A): T {
    const inside = (): T => this.#storage.run(this.#ties, () => Reflect.apply(fn, thisArg, args));
    return (this.#own ?? this.#task).runInAsyncScope(inside, undefined);
  }

  emitDestroy(): void {
    this.#own?.emitDestroy?.();
  }
}
