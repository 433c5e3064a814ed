import { abortError } from '../primitives/abort.ts';
import { sharingStack } from '../primitives/errors.ts';
import type { TaskerError } from '../primitives/errors.ts';
import type { EarlyEnd } from '../tasks/task-watch.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { Place } from '../workers/place.ts';
import type { ShutdownTally } from '../reports/events.ts';
import type { DirectLine } from './direct-line.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { FlowParts } from './parts.ts';

/** How tasks end before their function does, wherever they are: cancelled, out of time, cleared, refused, killed. */
export class EarlyEnds<R> {
  readonly #parts: FlowParts<R>;
  readonly #dispatcher: Dispatcher<R>;
  readonly #line: DirectLine<R>;

  constructor(parts: FlowParts<R>, dispatcher: Dispatcher<R>, line: DirectLine<R>) {
    this.#parts = parts;
    this.#dispatcher = dispatcher;
    this.#line = line;
  }

  /** {@link cancel} of the open task or lease of that number. */
  cancelNumber(sequence: number, reason: unknown): boolean {
    const task = this.#parts.ledger.find(sequence, () => this.#open());
    return task !== undefined && this.cancel(task, reason);
  }

  /** All that is accepted and not settled. */
  *#open(): IterableIterator<TaskRecord<R>> {
    yield* this.#waiting();
    for (const { task } of this.#parts.staff.places()) if (task?.isOpen === true) yield task;
  }

  /** Its submitter cancels it; false if it has ended already. */
  cancel(task: TaskRecord<R>, reason: unknown): boolean {
    if (!task.isOpen) return false;
    task.excuse(); // its submitter knows
    this.end(task, reason === undefined ? abortError() : reason, 'cancelled');
    return true;
  }

  /** A signal aborted, a clock ran out or the handle was told: the task ends now, wherever it is. */
  end(task: TaskRecord<R>, error: unknown, as: EarlyEnd): void {
    const { place, state } = task;
    if (state === 'running' && place !== undefined) {
      place.quarantine(!this.#parts.staff.life.isWorking);
      this.#parts.ledger.quarantineBegan();
      this.#settle(task, error, as);
      place.abort(error);
    } else if (task.isWaiting) {
      // First out of the queue: a collector may submit more, and must not push out what is settled.
      this.#forget(task);
      this.#settle(task, error, as);
      this.#parts.dispatched();
    }
  }

  #settle(task: TaskRecord<R>, error: unknown, as: EarlyEnd): void {
    if (as === 'failed') this.#parts.ledger.failed(task, error, this.#dispatcher.clock.now());
    else this.#parts.ledger.cancelled(task, error);
  }

  /** Ends what waits and is meant; returns how many. */
  clear(isMeant: (task: TaskRecord<R>) => boolean): number {
    const tasks = this.#waiting().filter(isMeant);
    return this.#endWaiting(tasks, cleared, (task, error) => this.#parts.ledger.cleared(task, error));
  }

  /** The start has failed: ends what waits with the errors that `error` makes. */
  refuse(error: ErrorOf<R>): void {
    this.#endWaiting(this.#waiting(), error, (task, reason) => {
      task.excuse(); // its submitter hears of the reason otherwise, too
      this.#settle(task, reason, 'failed');
    });
  }

  /** Ends all tasks with the errors that `error` makes, and gives up the functions that run. */
  endAll(error: ErrorOf<R>, tally: ShutdownTally): void {
    this.#endWaiting(this.#waiting(), error, (task, reason) => {
      task.excuse();
      tally.dropped.push(task.info());
      this.#parts.ledger.cancelled(task, reason);
    });
    const shared = sharing(error);
    for (const place of this.#parts.staff.places()) {
      const { task } = place;
      // A function that has just ended, and whose outcome sets off this kill, is nothing to give up.
      if (task === undefined || (task.state !== 'running' && place.state !== 'quarantined')) continue;
      const failure = shared(task);
      task.excuse();
      if (task.state === 'running') this.#parts.ledger.cancelled(task, failure);
      this.#abandon(place, task);
      place.abort(failure);
    }
  }

  /** Tasks that wait can get no resource any more. */
  fail(tasks: Iterable<TaskRecord<R>>, error: ErrorOf<R>): void {
    this.#endWaiting([...tasks], error, (task, reason) => this.#settle(task, reason, 'failed'));
  }

  /** The function of a settled task has run on for `abandonAfter`: it is waited for no more, and its resource is replaced. */
  overdue(place: Place<R>): void {
    const { task, worker } = place;
    if (task === undefined) return;
    this.#abandon(place, task);
    worker.retire('abandoned');
    worker.resource.leave();
  }

  #abandon(place: Place<R>, task: TaskRecord<R>): void {
    const isQuarantined = place.state === 'quarantined';
    place.abandon();
    this.#dispatcher.abandoned(task, place.startedAt);
    if (isQuarantined) this.#parts.ledger.quarantineEnded();
    this.#parts.ledger.abandoned(task);
  }

  #waiting(): TaskRecord<R>[] {
    return [...this.#dispatcher.queue, ...this.#line.waiting()];
  }

  /** Has `end` settle each of the tasks. One that is settled meanwhile, by what is not ours, is passed over. Returns how many. */
  #endWaiting(
    tasks: readonly TaskRecord<R>[],
    error: ErrorOf<R>,
    end: (task: TaskRecord<R>, error: TaskerError) => void,
  ): number {
    const shared = sharing(error);
    let ended = 0;
    for (const task of tasks) {
      if (!task.isWaiting) continue;
      this.#forget(task);
      end(task, shared(task));
      ended++;
    }
    this.#parts.dispatched();
    return ended;
  }

  /** Takes a task that is about to be settled out of where it waits. */
  #forget(task: TaskRecord<R>): void {
    if (task.kind === 'direct') this.#line.remove(task);
    else this.#dispatcher.remove(task);
  }
}

/** Makes the error of a task that ends for a reason which many have. */
export type ErrorOf<R> = (task: TaskRecord<R>) => TaskerError;

function cleared<R>(task: TaskRecord<R>): TaskerError {
  return task.error('DROPPED', 'was dropped by clear()', {}, 'cancelled');
}

/** Has the errors of many tasks that end for one reason share their stack. */
function sharing<R>(error: ErrorOf<R>): ErrorOf<R> {
  const share = sharingStack();
  return (task) => share(() => error(task), task.extras?.stack);
}
