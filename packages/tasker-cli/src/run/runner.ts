import { isTaskerError } from 'tasker';
import type { TaskManager, TaskerError, TaskerErrorCode } from 'tasker';
import type { Item } from '../input/item.ts';
import { resultLine } from '../output/result-line.ts';
import type { Outcome } from '../output/result-line.ts';
import type { Results } from '../output/results.ts';
import type { Tally } from '../tally/tally.ts';
import { ItemContext } from '../work/item-context.ts';
import type { ItemTask } from '../work/item-context.ts';
import type { ItemOptions } from '../work/item-options.ts';
import type { ItemRunner } from '../work/item-runner.ts';

/** How many items may be submitted and not written: priorities, keys and the law of the workers see so far ahead. */
const LOOK_AHEAD = 1_000;

export interface RunnerOptions {
  readonly items: ItemRunner;
  readonly optionsOf: ItemOptions;
  readonly results: Results;
  readonly tally: Tally;
  readonly log: (message: unknown) => void;
  /** Whether an item had begun in an earlier run, and must not be run again. */
  readonly isUnknown: (item: Item) => boolean;
  /** Called before an item is run for the first time; false if it must not be run. */
  readonly began: (item: Item) => boolean;
  /** Whether nothing starts before as many items as may be are with the manager, so that the best of them is first. */
  readonly isFilledFirst: boolean;
  /** How long no resource can be made, in ms, before the run ends. */
  readonly maxOutage: number;
}

/** An item that is with the manager. Instants are those of `performance.now()`. */
interface Ticket extends ItemTask {
  readonly item: Item;
  /** Its place among those started, from 0. */
  readonly place: number;
  /** Runs that have begun; without one, the instants of runs are 0, and it may be submitted again: see {@link Runner.outage}. */
  attempts: number;
  firstStartedAt: number;
  startedAt: number;
}

/**
 * Brings items to the manager and outcomes to the results, with no more between them than fits in memory: it pulls an item when
 * fewer than `LOOK_AHEAD` are on their way and the output takes more.
 *
 * ```
 *   running ── the items are over ──▶ the last has settled: run() resolves
 *      └── stop(), an outage ──▶ stopping: what waits is dropped, without a line; what runs is finished ──▲
 * ```
 */
export class Runner {
  readonly #manager: TaskManager<unknown>;
  readonly #options: RunnerOptions;
  readonly #lookAhead: number;
  #started = 0;
  #settled = 0;
  #isStopping = false;
  /** Calls whoever waits for an item to settle, or for the stop. */
  #wake = (): void => {};
  /** When no resource could be made for the first time since an item was run. */
  #outageSince: number | undefined;
  /** Aborts when it stops: the input is not waited for. */
  readonly #stopping = new AbortController();

  /** Results written, and of these the failures. */
  written = 0;
  failed = 0;
  /** Whether the manager has ended by itself, as by a signal of the module. */
  isDeserted = false;
  /** Why no resource could be made for so long that the run has ended. Before that, what was not run waits for one, whatever happens. */
  outage: TaskerError | undefined;

  constructor(manager: TaskManager<unknown>, maxQueueSize: number, options: RunnerOptions) {
    this.#manager = manager;
    this.#options = options;
    // A queue with bounds never is so full that an item is refused.
    this.#lookAhead = Math.max(1, Math.min(LOOK_AHEAD, maxQueueSize));
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Items that run now. */
  get running(): number {
    return this.#manager.stats().runningTasks;
  }

  /** Runs all items. Rejects, after the last outcome, if the items do. */
  async run(portions: AsyncIterable<readonly Item[]>): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    if (this.#options.isFilledFirst && !this.#isStopping) this.#manager.pause();
    try {
      for await (const items of portions) {
        await this.#startAll(items);
        if (this.#isStopping) break;
      }
    } catch (error) {
      // A stop ends the input, which may fail by that.
      if (!this.#isStopping) failure = { error };
    }
    this.#filled();
    while (this.#settled < this.#started) await this.#next();
    if (failure !== undefined) throw failure.error;
  }

  /** Starts nothing more. What waits, for its retry as well, gets no line. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#stopping.abort();
    this.#manager.on('retried', () => this.#manager.clear());
    this.#manager.pause();
    this.#manager.clear();
    this.#wake();
  }

  async #startAll(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      while (!this.#isStopping && this.#ahead >= this.#lookAhead) {
        this.#filled();
        await this.#next();
      }
      for (let room = this.#room(); room !== undefined; room = this.#room()) await room;
      if (this.#isStopping) return;
      this.#start(item);
    }
  }

  #filled(): void {
    if (this.#options.isFilledFirst && !this.#isStopping) this.#manager.resume();
  }

  /** Items submitted and not written. */
  get #ahead(): number {
    return this.#started - this.#settled + this.#options.results.held;
  }

  #room(): Promise<unknown> | undefined {
    const room = this.#isStopping ? undefined : this.#options.results.room();
    return room && Promise.race([room, this.#next()]);
  }

  /** Resolves when an item settles, or at the stop. */
  #next(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #start(item: Item): void {
    const options = this.#options.optionsOf(item.value);
    const ticket: Ticket = {
      item,
      index: item.index,
      options,
      place: this.#started++,
      submittedAt: performance.now(),
      attempts: 0,
      firstStartedAt: 0,
      startedAt: 0,
    };
    if (this.#options.isUnknown(item)) {
      ticket.attempts = 1;
      ticket.firstStartedAt = ticket.startedAt = ticket.submittedAt;
      this.#end(ticket, { error: new OutcomeUnknown() });
      return;
    }
    this.#submit(ticket);
  }

  #submit(ticket: Ticket): void {
    const { items, log, began } = this.#options;
    const { item, options } = ticket;
    this.#manager
      .queueTask((resource, context) => {
        this.#outageSince = undefined;
        if (ticket.attempts === 0 && !began(item)) throw NOT_BEGUN;
        ticket.startedAt = performance.now();
        if (ticket.attempts === 0) ticket.firstStartedAt = ticket.startedAt;
        ticket.attempts = context.attempt;
        return items.run(item.value, resource, new ItemContext(context, ticket, log));
      }, options)
      .then(
        (result) => this.#end(ticket, { result: items.encode(result) }),
        (error: unknown) => this.#end(ticket, { error: isCode(error, 'RETRIES_EXHAUSTED') ? error.cause : error }),
      );
  }

  #end(ticket: Ticket, end: Outcome['end']): void {
    if ('error' in end && this.#isToWait(ticket, end.error)) {
      this.#submit(ticket);
      return;
    }
    this.#settled++;
    if ('error' in end && this.#isNotRun(ticket, end.error)) this.#options.results.put(ticket.place, null);
    else this.#write(ticket, end);
    this.#wake();
  }

  #write({ item, place, submittedAt, firstStartedAt, startedAt, attempts }: Ticket, end: Outcome['end']): void {
    const now = performance.now();
    const hasRun = attempts > 0;
    const line = resultLine({
      index: item.index,
      input: item.value,
      end,
      attempts,
      waitMs: (hasRun ? firstStartedAt : now) - submittedAt,
      runMs: hasRun ? now - startedAt : 0,
      finishedAt: Date.now(),
    });
    this.written++;
    if (line.error !== undefined) this.failed++;
    const isKnown = hasRun && line.error?.code !== OUTCOME_UNKNOWN;
    const ended = { index: item.index, input: item.value, error: line.error };
    this.#options.tally.add(ended, isKnown ? now - startedAt : undefined);
    this.#options.results.put(place, line);
  }

  /** Whether an item was not run for want of a resource, and there may be one in time. The manager makes the next try when it is due. */
  #isToWait({ attempts }: Ticket, error: unknown): boolean {
    if (attempts > 0 || this.#isStopping || !isCode(error, 'CREATE_FAILED')) return false;
    const now = performance.now();
    this.#outageSince ??= now;
    if (now - this.#outageSince < this.#options.maxOutage) return true;
    this.outage = error;
    this.stop();
    return false;
  }

  /** Whether a task has ended so because the run ends: nothing is known of its item then. */
  #isNotRun({ attempts }: Ticket, error: unknown): boolean {
    if (error === NOT_BEGUN) return true;
    if (attempts === 0 && this.outage !== undefined && isCode(error, 'CREATE_FAILED')) return true;
    if (this.#isStopping) return (['DROPPED', 'KILLED', 'STOPPED'] as const).some((code) => isCode(error, code));
    // A manager that the module has for itself may be over while ours goes on.
    if (!(['STOPPED', 'KILLED'] as const).some((code) => isCode(error, code)) || !this.#isOver()) return false;
    this.isDeserted = true;
    this.stop();
    return true;
  }

  /** Whether the manager takes no more. */
  #isOver(): boolean {
    return ['draining', 'stopping', 'stopped', 'killed'].includes(this.#manager.stats().state);
  }
}

const NOT_BEGUN = new Error('the item could not be entered in the journal');

const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

/** An earlier run has begun the item and has not told how it ended. */
class OutcomeUnknown extends Error {
  readonly code: string = OUTCOME_UNKNOWN;

  constructor() {
    super('an earlier run had begun this item, and how it ended is not known');
  }
}

/** Does not throw, whatever a module has thrown. */
function isCode(error: unknown, code: TaskerErrorCode): error is TaskerError {
  try {
    return isTaskerError(error, code);
  } catch {
    return false;
  }
}
