import { noun } from '../tasks/ties.ts';
import type { TiedTask, Ties, Wait } from '../tasks/ties.ts';
import type { Crew } from './crew.ts';
import type { Place } from './place.ts';
import type { Worker } from './worker.ts';

/** Where tasks of one kind run. */
export interface Seats<R> {
  /** Those that take tasks, or will. */
  readonly workers: readonly Worker<R>[];
  /** Whether a task that waits may start without one of these being free: by a `resume()`, or by one worker more, maybe once others are gone. */
  readonly mayGrow: boolean;
}

export function seatsOf<R>(crews: readonly Crew<R>[], mayGrow: boolean): Seats<R> {
  return { workers: crews.flatMap(({ workers }) => [...workers].filter((worker) => worker.isAvailable)), mayGrow };
}

/** Where the tasks of a manager run at the moment. */
export interface Situation<R> {
  /** For queued tasks and leases. */
  readonly queue: Seats<R>;
  /** For `runTask`. */
  readonly pool: Seats<R>;
  /** All places, those of workers on their way out included. */
  readonly places: readonly Place<R>[];
  readonly keyConcurrency: number;
}

/** How many steps of a chain of tasks are told. */
const STEPS = 8;
/** How many of the tasks that one has asked for are looked at. */
const LOOKED_AT = 100;

/** What the task with those ties waits for; undefined if it has asked for nothing that it has not got. */
export function explainWait<R>(ties: Ties, situation: Situation<R>): Wait | undefined {
  const deadlock = new Deadlock(situation);
  const message = deadlock.describe(ties);
  return message === undefined ? undefined : { message, isDeadlock: deadlock.holds(ties) };
}

/**
 * Which running tasks can never end, if each awaits what it has asked for. It begins with all that have asked for anything, and
 * acquits those for whose wait somebody else may make an end, until none is left that can be acquitted.
 */
class Deadlock<R> {
  readonly #situation: Situation<R>;
  /** Those not acquitted. */
  readonly #stuck = new Set<Ties>();
  /** Who runs, by key; those whose function outlived them have no ties. */
  readonly #holders = new Map<string, (Ties | undefined)[]>();
  /** Whether all places of a kind are taken by tasks not acquitted. */
  #isQueueFull = false;
  #isPoolFull = false;

  constructor(situation: Situation<R>) {
    this.#situation = situation;
    for (const { task } of situation.places) {
      if (task === undefined) continue;
      const ties = task.state === 'running' ? task.extras?.ties : undefined;
      if (ties !== undefined) this.#stuck.add(ties);
      if (task.key === undefined || task.kind === 'direct') continue;
      const holders = this.#holders.get(task.key);
      if (holders === undefined) this.#holders.set(task.key, [ties]);
      else holders.push(ties);
    }
    let before: number;
    do {
      before = this.#stuck.size;
      this.#isQueueFull = this.#isFull(situation.queue);
      this.#isPoolFull = this.#isFull(situation.pool);
      for (const ties of this.#stuck) if (!this.#isStuck(ties)) this.#stuck.delete(ties);
    } while (this.#stuck.size < before);
  }

  holds(ties: Ties): boolean {
    return this.#stuck.has(ties);
  }

  /** What the task waits for, from its own point of view. */
  describe(ties: Ties): string | undefined {
    const [call] = ties.calls;
    if (call !== undefined) return `it has called ${call.name}, which waits for it`;
    const next = this.#next(ties);
    if (next === undefined) return undefined;
    if (next === ties) return 'it waits for its own result';
    return `it ${this.#waitFor(ties, next, new Set([ties]))}`;
  }

  /** `waits for` the next of a chain, and what that one does. */
  #waitFor(ties: Ties, next: Ties, told: Set<Ties>): string {
    const task = next.task as TiedTask; // an open one, see #next
    if (told.has(next)) return `waits for ${noun(task)} in turn`;
    const who = told.size === 1 ? 'it' : 'that one';
    told.add(next);
    const isResult = ties.asked.get(next) === 'result';
    const asked = task.kind === 'lease' ? 'asked for' : 'submitted';
    const how = isResult ? `whose result ${who} has asked for` : `which ${who} has ${asked}`;
    return `waits for ${noun(task)}, ${how} and which ${this.#doing(next, task, told)}`;
  }

  /** What a task does that another one waits for. */
  #doing(ties: Ties, task: TiedTask, told: Set<Ties>): string {
    if (task.isWaiting) return this.#waiting(task);
    const [call] = ties.calls;
    if (call !== undefined) return `has called ${call.name}, which waits for that one`;
    const next = this.#next(ties);
    if (next === undefined) return 'runs';
    if (next === ties) return 'waits for its own result';
    return told.size > STEPS ? 'waits for others in turn' : this.#waitFor(ties, next, told);
  }

  #waiting(task: TiedTask): string {
    const { queue, pool, keyConcurrency } = this.#situation;
    const isDirect = task.kind === 'direct';
    if (this.#isAtCap(task)) return `waits for its key ${JSON.stringify(task.key)}, at its cap of ${keyConcurrency}`;
    if (!(isDirect ? this.#isPoolFull : this.#isQueueFull)) return 'is queued';
    const seats = (isDirect ? pool : queue).workers;
    const what = isDirect ? 'a resource of runTask' : 'a worker';
    const workers = seats.length;
    const places = seats.reduce((sum, worker) => sum + worker.places.length, 0);
    const all = places > workers ? `all ${places} places of ${workers}` : `all ${workers}`;
    return `waits for ${what}: ${places === 1 ? 'the only one is' : `${all} are`} taken, by tasks that wait themselves`;
  }

  /** What the task waits for: rather what never comes than what may. */
  #next(ties: Ties): Ties | undefined {
    let next: Ties | undefined;
    for (const other of first(ties.asked.keys())) {
      if (this.#isOut(other)) return other;
      if (isAwaited(other)) next ??= other;
    }
    return next;
  }

  /** Whether a running task waits for what cannot come, as far as it is known by now. A lease ends with those who asked for it. */
  #isStuck(ties: Ties): boolean {
    const { task, calls, askers, asked } = ties;
    if (task?.kind === 'lease') return askers.size > 0 && [...askers].every((asker) => this.#stuck.has(asker));
    if (calls.size > 0) return true;
    for (const other of first(asked.keys())) if (this.#isOut(other)) return true;
    return false;
  }

  /** Whether a task that another one has asked for cannot end. */
  #isOut(other: Ties): boolean {
    const { task } = other;
    if (task === undefined || !isAwaited(other)) return false;
    if (!task.isWaiting) return this.#stuck.has(other);
    if (task.kind === 'direct') return this.#isPoolFull;
    return this.#isQueueFull || (this.#isAtCap(task) && this.#areStuck(this.#holders.get(task.key as string) ?? []));
  }

  #isAtCap({ key }: TiedTask): boolean {
    return key !== undefined && (this.#holders.get(key)?.length ?? 0) >= this.#situation.keyConcurrency;
  }

  /** Whether every place is taken by a task that is stuck; a worker that is being validated need not have had any. */
  #isFull({ workers, mayGrow }: Seats<R>): boolean {
    if (mayGrow || workers.length === 0) return false;
    return workers.every(
      ({ isLive, freePlaces, places }) =>
        isLive &&
        freePlaces === 0 &&
        places.length > 0 &&
        this.#areStuck(places.map((place) => place.task?.extras?.ties)),
    );
  }

  #areStuck(all: readonly (Ties | undefined)[]): boolean {
    return all.every((ties) => ties !== undefined && this.#stuck.has(ties));
  }
}

/** Whether whoever has asked for it may be waiting for it: a lease that is held has been got. */
function isAwaited({ task }: Ties): boolean {
  return task !== undefined && task.isOpen && !(task.kind === 'lease' && task.state === 'running');
}

function* first<T>(all: Iterable<T>): Iterable<T> {
  let left = LOOKED_AT;
  for (const one of all) {
    if (left-- === 0) return;
    yield one;
  }
}
