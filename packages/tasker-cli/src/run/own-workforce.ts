import { isTaskerError } from 'tasker';
import type { TaskManager, TaskOptions, TaskerError, TaskerErrorCode } from 'tasker';
import { formatDuration } from '../basics/duration.ts';
import { messageOf } from '../basics/usage-error.ts';
import type { Item } from '../input/item.ts';
import type { Outcome } from '../output/result-line.ts';
import { standingOf } from '../process/standing.ts';
import type { WorkforceStanding } from '../process/standing.ts';
import { ItemContext } from '../work/item-context.ts';
import type { ItemTask } from '../work/item-context.ts';
import type { ItemRunner } from '../work/item-runner.ts';
import { unknownOutcome } from './workforce.ts';
import type { Ended, Workforce } from './workforce.ts';

export interface OwnWorkforceOptions {
  readonly items: ItemRunner;
  /** Of the queue of the manager. */
  readonly maxQueueSize: number;
  readonly hasRate: boolean;
  readonly log: (message: unknown) => void;
  /** Whether an item had begun in an earlier run, and must not be run again. */
  readonly isUnknown: (item: Item) => boolean;
  /** Called before an item is run for the first time; false if it must not be run. */
  readonly began: (item: Item) => boolean;
  /** How long no resource can be made, in ms, before it gives up. */
  readonly maxOutage: number;
}

/** An item that is with the manager. Instants are those of `performance.now()`. */
interface Ticket extends ItemTask {
  readonly item: Item;
  /** Runs that have begun; without one, the instants of runs are 0, and it may be submitted again. */
  attempts: number;
  firstStartedAt: number;
  startedAt: number;
}

/** The manager of this process. While no resource can be made, what was not run waits for one. */
export class OwnWorkforce implements Workforce {
  readonly room: number;
  failure: string | undefined;
  onFailure = (): void => {};
  onClosed = (): void => {};
  readonly #manager: TaskManager<unknown>;
  readonly #options: OwnWorkforceOptions;
  #isHalted = false;
  /** When no resource could be made for the first time since an item was run. */
  #outageSince: number | undefined;
  /** Why no resource could be made for so long that it has given up. */
  #outage: TaskerError | undefined;

  constructor(manager: TaskManager<unknown>, options: OwnWorkforceOptions) {
    this.#manager = manager;
    this.#options = options;
    this.room = options.maxQueueSize;
  }

  get ready(): Promise<unknown> {
    return this.#manager.ready;
  }

  get running(): number {
    return this.#manager.stats().runningTasks;
  }

  async run(item: Item, options: TaskOptions | undefined): Promise<Ended | undefined> {
    if (this.#options.isUnknown(item)) return unknownOutcome();
    const ticket: Ticket = {
      item,
      index: item.index,
      options,
      submittedAt: performance.now(),
      attempts: 0,
      firstStartedAt: 0,
      startedAt: 0,
    };
    for (;;) {
      const end = await this.#submit(ticket);
      if (!('error' in end)) return ended(ticket, end);
      if (this.#isToWait(ticket, end.error)) continue;
      return this.#isNotRun(ticket, end.error) ? undefined : ended(ticket, end);
    }
  }

  hold(): void {
    this.#manager.pause();
  }

  release(): void {
    this.#manager.resume();
  }

  halt(): void {
    this.#isHalted = true;
    this.#manager.on('retried', () => this.#manager.clear());
    this.#manager.pause();
    this.#manager.clear();
  }

  standing(): WorkforceStanding {
    return standingOf(this.#manager, this.#options.hasRate);
  }

  stop(): Promise<unknown> {
    return this.#manager.stop();
  }

  kill(): Promise<unknown> {
    return this.#manager.kill();
  }

  #submit(ticket: Ticket): Promise<Outcome['end']> {
    const { items, log, began } = this.#options;
    const { item, options } = ticket;
    return this.#manager
      .queueTask((resource, context) => {
        this.#outageSince = undefined;
        if (ticket.attempts === 0 && !began(item)) throw NOT_BEGUN;
        ticket.startedAt = performance.now();
        if (ticket.attempts === 0) ticket.firstStartedAt = ticket.startedAt;
        ticket.attempts = context.attempt;
        return items.run(item.value, resource, new ItemContext(context, ticket, log));
      }, options)
      .then(
        (result) => ({ result: items.encode(result) }),
        (error: unknown) => ({ error: isCode(error, 'RETRIES_EXHAUSTED') ? error.cause : error }),
      );
  }

  /** Whether an item was not run for want of a resource, and there may be one in time. The manager makes the next try when it is due. */
  #isToWait({ attempts }: Ticket, error: unknown): boolean {
    if (attempts > 0 || this.#isHalted || !isCode(error, 'CREATE_FAILED')) return false;
    const now = performance.now();
    this.#outageSince ??= now;
    const { maxOutage } = this.#options;
    if (now - this.#outageSince < maxOutage) return true;
    this.#outage = error;
    this.#fail(`no resource could be made for ${formatDuration(maxOutage)}: ${messageOf(error.cause)}`);
    return false;
  }

  /** Whether a task has ended so because the run ends: nothing is known of its item then. */
  #isNotRun({ attempts }: Ticket, error: unknown): boolean {
    if (error === NOT_BEGUN) return true;
    if (attempts === 0 && this.#outage !== undefined && isCode(error, 'CREATE_FAILED')) return true;
    if (this.#isHalted) return (['DROPPED', 'KILLED', 'STOPPED'] as const).some((code) => isCode(error, code));
    // A manager that the module has for itself may be over while ours goes on.
    if (!(['STOPPED', 'KILLED'] as const).some((code) => isCode(error, code)) || !this.#isOver()) return false;
    this.failure ??= 'the manager was stopped, by the module or on the page; the rest was not run';
    this.onClosed();
    return true;
  }

  #fail(failure: string): void {
    this.failure ??= failure;
    this.onFailure();
  }

  /** Whether the manager takes no more. */
  #isOver(): boolean {
    return ['draining', 'stopping', 'stopped', 'killed'].includes(this.#manager.stats().state);
  }
}

function ended({ attempts, submittedAt, firstStartedAt, startedAt }: Ticket, end: Outcome['end']): Ended {
  const now = performance.now();
  const hasRun = attempts > 0;
  return {
    end,
    attempts,
    waitMs: (hasRun ? firstStartedAt : now) - submittedAt,
    runMs: hasRun ? now - startedAt : 0,
    finishedAt: Date.now(),
  };
}

const NOT_BEGUN = new Error('the item could not be entered in the journal');

/** Does not throw, whatever a module has thrown. */
function isCode(error: unknown, code: TaskerErrorCode): error is TaskerError {
  try {
    return isTaskerError(error, code);
  } catch {
    return false;
  }
}
