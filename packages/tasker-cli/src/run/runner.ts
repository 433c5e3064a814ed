import type { TaskOptions } from 'tasker';
import type { Item } from '../input/item.ts';
import { resultLine } from '../output/result-line.ts';
import type { Results } from '../output/results.ts';
import type { Tally } from '../tally/tally.ts';
import type { ItemOptions } from '../work/item-options.ts';
import { hasRunTime } from './workforce.ts';
import type { Ended, Workforce } from './workforce.ts';

/** How many items may be submitted and not written: priorities, keys and the law of the workers see so far ahead. */
const LOOK_AHEAD = 1_000;

export interface RunnerOptions {
  readonly optionsOf: ItemOptions;
  readonly results: Results;
  readonly tally: Tally;
  /** Whether nothing starts before as many items as may be are with the workforce, so that the best of them is first. */
  readonly isFilledFirst: boolean;
}

/**
 * Brings items to the workforce and outcomes to the results, with no more between them than fits in memory: it pulls an item when
 * fewer than `LOOK_AHEAD` are on their way and the output takes more.
 *
 * ```
 *   reading ── the items are over ──────────▶ the last has settled: run() resolves
 *      ├── the workforce takes no more ──▶ ending: what was read is finished ──▲
 *      └── stop(), the workforce fails ──▶ halted: what waits is dropped, without a line; what runs is finished ──▲
 * ```
 */
export class Runner {
  readonly #workforce: Workforce;
  readonly #options: RunnerOptions;
  readonly #lookAhead: number;
  #started = 0;
  #settled = 0;
  #state: 'reading' | 'ending' | 'halted' = 'reading';
  /** Calls whoever waits for an item to settle, or for the stop. */
  #wake = (): void => {};
  /** Aborts when no more is read: the input is not waited for. */
  readonly #stopping = new AbortController();

  /** Results written, and of these the failures. */
  written = 0;
  failed = 0;

  constructor(workforce: Workforce, options: RunnerOptions) {
    this.#workforce = workforce;
    this.#options = options;
    // A queue with bounds never is so full that an item is refused.
    this.#lookAhead = Math.max(1, Math.min(LOOK_AHEAD, workforce.room));
    workforce.onFailure = () => this.stop();
    workforce.onClosed = () => this.#endInput('ending');
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Items that run now; undefined if there may be some. */
  get running(): number | undefined {
    return this.#workforce.running;
  }

  /** Runs all items. Rejects, after the last outcome, if the items do. */
  async run(portions: AsyncIterable<readonly Item[]>): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    if (this.#options.isFilledFirst && this.#isReading) this.#workforce.hold();
    try {
      for await (const items of portions) {
        await this.#startAll(items);
        if (!this.#isReading) break;
      }
    } catch (error) {
      // A stop ends the input, which may fail by that.
      if (this.#isReading) failure = { error };
    }
    this.#filled();
    while (this.#settled < this.#started) await this.#next();
    if (failure !== undefined) throw failure.error;
  }

  /** Starts nothing more. What waits, for its retry as well, gets no line. */
  stop(): void {
    if (this.#state === 'halted') return;
    this.#endInput('halted');
    this.#workforce.halt();
  }

  get #isReading(): boolean {
    return this.#state === 'reading';
  }

  #endInput(state: 'ending' | 'halted'): void {
    if (this.#state === 'halted') return;
    this.#state = state;
    this.#stopping.abort();
    this.#wake();
  }

  async #startAll(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      while (this.#isReading && this.#ahead >= this.#lookAhead) {
        this.#filled();
        await this.#next();
      }
      for (let room = this.#room(); room !== undefined; room = this.#room()) await room;
      if (!this.#isReading) return;
      this.#start(item);
    }
  }

  #filled(): void {
    if (this.#options.isFilledFirst && this.#isReading) this.#workforce.release();
  }

  /** Items submitted and not written. */
  get #ahead(): number {
    return this.#started - this.#settled + this.#options.results.held;
  }

  #room(): Promise<unknown> | undefined {
    const room = this.#isReading ? this.#options.results.room() : undefined;
    return room && Promise.race([room, this.#next()]);
  }

  /** Resolves when an item settles, or at the stop. */
  #next(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #start(item: Item): void {
    void this.#runOne(item, this.#options.optionsOf(item.value), this.#started++);
  }

  async #runOne(item: Item, options: TaskOptions | undefined, place: number): Promise<void> {
    const ended = await this.#workforce.run(item, options);
    this.#settled++;
    if (ended === undefined) this.#options.results.put(place, null);
    else this.#write(item, place, ended);
    this.#wake();
  }

  #write({ index, value: input }: Item, place: number, ended: Ended): void {
    const line = resultLine({ index, input, ...ended });
    this.written++;
    if (line.error !== undefined) this.failed++;
    const runMs = hasRunTime(ended.attempts, line.error?.code) ? ended.runMs : undefined;
    this.#options.tally.add({ index, input, error: line.error }, runMs);
    this.#options.results.put(place, line);
  }
}
