import type { DestroyReason, TaskInfo, TaskManager } from '../index.ts';
import { Buckets } from './buckets.ts';

/** Times of the tasks of one name. */
export interface Times {
  readonly wait: Buckets;
  readonly run: Buckets;
}

/** Names that are told apart; the tasks of others are counted together. */
const MAX_NAMES = 50;

/** The label of tasks without a name, and of those with one too many. */
const UNNAMED = 'task';
const OTHER = 'other';

const tallies = new WeakMap<object, Tally>();

/**
 * What was counted of a manager while it was registered somewhere. It stays with the manager: one that is registered again goes on
 * from there, so that no counter goes back.
 */
export class Tally {
  readonly outcomes: Record<'completed' | 'failed' | 'cancelled' | 'dropped', number> = {
    completed: 0,
    failed: 0,
    cancelled: 0,
    dropped: 0,
  };
  readonly destroyed: Record<DestroyReason, number> = {
    shutdown: 0,
    sick: 0,
    idle: 0,
    age: 0,
    uses: 0,
    invalidated: 0,
    invalid: 0,
    abandoned: 0,
    temporary: 0,
    recycled: 0,
    resized: 0,
    late: 0,
  };
  retries = 0;
  /** By the label of the tasks. */
  readonly times: Map<string, Times> = new Map();
  #users = 0;
  #forget: readonly (() => void)[] = [];

  static of<R>(manager: TaskManager<R>): Tally {
    let tally = tallies.get(manager);
    if (tally === undefined) tallies.set(manager, (tally = new Tally()));
    return tally;
  }

  /** Counts from now on; returns the function that ends that, once everybody who has called this has called it. */
  use<R>(manager: TaskManager<R>): () => void {
    if (this.#users++ === 0) this.#forget = this.#listen(manager);
    return () => {
      if (--this.#users === 0) for (const forget of this.#forget) forget();
    };
  }

  #listen<R>(manager: TaskManager<R>): (() => void)[] {
    const { outcomes, destroyed } = this;
    return [
      manager.on('completed', ({ task, finishedAt }) => {
        outcomes.completed++;
        this.#time(task, finishedAt);
      }),
      manager.on('failed', ({ task, finishedAt }) => {
        outcomes.failed++;
        this.#time(task, finishedAt);
      }),
      manager.on('cancelled', () => void outcomes.cancelled++),
      manager.on('dropped', () => void outcomes.dropped++),
      manager.on('retried', () => void this.retries++),
      manager.on('resourceDestroyed', ({ reason }) => void destroyed[reason]++),
    ];
  }

  /** A task that never ran has waited to its end. */
  #time({ name = UNNAMED, queuedAt, startedAt }: TaskInfo, finishedAt: number): void {
    const { wait, run } = this.times.get(name) ?? this.#newTimes(name);
    wait.add(((startedAt ?? finishedAt) - queuedAt) / 1_000);
    if (startedAt !== undefined) run.add((finishedAt - startedAt) / 1_000);
  }

  #newTimes(name: string): Times {
    const label = this.times.size < MAX_NAMES ? name : OTHER;
    const times = this.times.get(label) ?? { wait: new Buckets(), run: new Buckets() };
    this.times.set(label, times);
    return times;
  }
}
