import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTaskerError } from 'tasker';
import type { TaskOptions } from 'tasker';
import type { QueueStats, SubmitOptions, TaskClient, TaskWorker } from 'tasker-distributed';
import { Gate } from '../basics/gate.ts';
import { messageOf } from '../basics/usage-error.ts';
import type { Item } from '../input/item.ts';
import type { WorkforceStanding } from '../process/standing.ts';
import { indexOfId, itemId } from '../work/item-id.ts';
import { NAMES, reportIn } from '../work/item-tasks.ts';
import type { ItemOutcome, ItemReport } from '../work/item-tasks.ts';
import { unknownOutcome } from './workforce.ts';
import type { Ended, Workforce } from './workforce.ts';
import { encodeResult } from '../basics/encoded-result.ts';

export interface SharedWorkforceOptions {
  /** What the ids of its tasks have in common: that of the run that it goes on with. */
  readonly run: string;
  /** Longest run of an item, in ms; undefined for what its worker says. */
  readonly timeout: number | undefined;
  /** Whether an item that must not be run twice had been submitted by an earlier run. */
  readonly hadBegun: (item: Item) => boolean;
  /** Called before an item is submitted that must not be run twice; false if it must not be. */
  readonly began: (item: Item) => boolean;
  /** Called when one has been taken back before it was run. */
  readonly takenBack: (index: number) => void;
  /** Called once, when nobody has taken items for a while. */
  readonly lonely: () => void;
}

/** How often it asks how the queue is, and before what could not be withdrawn is tried again; and the longest wait for the store at a kill. */
const LOOK = 1_000;
const AGAIN = 500;
const KILL_TIMEOUT = 2_000;
/** So many looks without a worker are a while. */
const LONELY = 5;

/** Most items that may run once and are on their way into the store. */
const UNANSWERED = 10;

/** What an item is cancelled with when its run is killed: who goes on with the run begins it anew. */
const ENDED = 'the run that had submitted this item was ended';

/**
 * The workers of a store, on whatever machines; one may be of this process. An item has the same id whenever the run is gone on with: what a
 * process that has died had submitted is not submitted twice, and what has ended since is found.
 */
export class SharedWorkforce implements Workforce {
  readonly ready: Promise<void> = Promise.resolve();
  readonly room: number = Infinity;
  failure: string | undefined;
  onFailure = (): void => {};
  onClosed = (): void => {};
  readonly #client: TaskClient<Record<string, (resource: undefined, input: unknown) => unknown>>;
  readonly #worker: TaskWorker<unknown> | undefined;
  readonly #options: SharedWorkforceOptions;
  /** Ids of what was submitted and has not ended. */
  readonly #pending = new Set<string>();
  readonly #gate = new Gate(UNANSWERED);
  readonly #runTimes = createHistogram();
  readonly #timer: NodeJS.Timeout;
  #retried = 0;
  #counts: QueueStats | undefined;
  #processes: number | undefined;
  #lonelyLooks = 0;
  #isHalted = false;
  #isKilled = false;

  constructor(
    client: TaskClient<Record<string, (resource: undefined, input: unknown) => unknown>>,
    worker: TaskWorker<unknown> | undefined,
    options: SharedWorkforceOptions,
  ) {
    this.#client = client;
    this.#worker = worker;
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK);
  }

  get running(): number | undefined {
    return this.#pending.size === 0 ? 0 : undefined;
  }

  async run(item: Item, options: TaskOptions | undefined): Promise<Ended | undefined> {
    const submittedAt = performance.now();
    if (options?.retry === false) return this.#runOnce(item, options, submittedAt);
    for (let life = 0; ; life++) {
      const id = itemId(this.#options.run, item.index, life);
      const { error, ended } = await this.#settled(id, submittedAt, () =>
        this.#client.queueTask(NAMES.item, item.value, this.#submitOptions(id, options)),
      );
      if (!wasEnded(error) || this.#isKilled) return ended;
    }
  }

  /** Nothing can be held: others take what there is. */
  hold(): void {}

  release(): void {}

  halt(): void {
    this.#isHalted = true;
    void this.#withdrawAll();
  }

  standing(): WorkforceStanding {
    const { baseWorkers = 0, burstWorkers = 0, startingWorkers = 0 } = this.#worker?.stats() ?? {};
    const percentile = (percent: number): number => this.#runTimes.percentile(percent) / 1_000;
    return {
      retried: this.#retried,
      workers: baseWorkers + burstWorkers,
      startingWorkers,
      processes: this.#processes,
      running: this.#counts?.running ?? 0,
      queued: (this.#counts?.queued ?? 0) + (this.#counts?.delayed ?? 0),
      throttled: 0,
      hasRate: false,
      runTimes:
        this.#runTimes.count === 0 ? undefined : { p50: percentile(50), p95: percentile(95), p99: percentile(99) },
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker?.stop();
    await this.#client.close();
  }

  /** Cancels what it has submitted, wherever that is. */
  async kill(): Promise<void> {
    if (this.#isKilled) return;
    this.#isKilled = true;
    clearInterval(this.#timer);
    const reason = new DOMException(ENDED, 'AbortError');
    const end = async (id: string): Promise<unknown> =>
      (await this.#withdraw(id)) || (await this.#client.cancel(id, reason));
    const cancelled = Promise.allSettled([...this.#pending].map((id) => end(id)));
    await Promise.race([cancelled, sleep(KILL_TIMEOUT)]);
    await this.#worker?.kill();
    await this.#client.close();
  }

  /** Few are on their way at a time: of these a process that is killed does not know whether the store has them. */
  async #runOnce(item: Item, options: TaskOptions, submittedAt: number): Promise<Ended | undefined> {
    const { run, hadBegun, began } = this.#options;
    if (hadBegun(item)) return this.#find(item, submittedAt);
    await this.#gate.enter();
    if (this.#isHalted || !began(item)) {
      this.#gate.leave();
      return undefined;
    }
    const id = itemId(run, item.index);
    const submitted = this.#client
      .submit(NAMES.item, item.value, this.#submitOptions(id, options))
      .finally(() => this.#gate.leave());
    const { ended } = await this.#settled(id, submittedAt, async () => {
      await submitted;
      return this.#client.result(id);
    });
    return ended;
  }

  /** What had been submitted by an earlier run, and must not be run twice. */
  async #find(item: Item, submittedAt: number): Promise<Ended | undefined> {
    const id = itemId(this.#options.run, item.index);
    const { error, ended } = await this.#settled(id, submittedAt, () => this.#client.result(id));
    return codeIn(error) === 'NO_RESULT' || wasEnded(error) ? unknownOutcome() : ended;
  }

  #submitOptions(id: string, options: TaskOptions | undefined): SubmitOptions {
    const { priority, retry } = options ?? {};
    return { id, priority, timeout: this.#options.timeout, ...(retry === false && { retry }) };
  }

  /** The end of a task, for its line; undefined if it has none. */
  async #settled(
    id: string,
    submittedAt: number,
    task: () => Promise<unknown>,
  ): Promise<{ readonly ended: Ended | undefined; readonly error?: unknown }> {
    if (this.#isHalted) return { ended: undefined };
    this.#pending.add(id);
    try {
      const outcome = (await task()) as ItemOutcome;
      const result = 'notJson' in outcome ? { notJson: outcome.notJson } : encodeResult(outcome.result);
      return { ended: this.#ended({ result }, outcome, submittedAt) };
    } catch (thrown) {
      const error = isTaskerError(thrown, 'RETRIES_EXHAUSTED') ? thrown.cause : thrown;
      if (this.#isNotRun(error)) return { ended: undefined, error };
      return { ended: this.#ended({ error }, reportIn(error) ?? this.#guess(error, submittedAt), submittedAt), error };
    } finally {
      this.#pending.delete(id);
    }
  }

  #ended(end: Ended['end'], { attempts, runMs, finishedAt }: ItemReport, submittedAt: number): Ended {
    this.#retried += Math.max(0, attempts - 1);
    if (runMs > 0) this.#runTimes.record(Math.max(1, Math.round(runMs * 1_000)));
    return { end, attempts, waitMs: performance.now() - submittedAt - runMs, runMs, finishedAt };
  }

  /** An item that was lost with its worker, or cut off, has not told how it went. */
  #guess(error: unknown, submittedAt: number): ItemReport {
    const code = codeIn(error);
    const hasRun = code !== 'TOO_LARGE' && code !== 'NOT_JSON';
    const longest = code === 'TIMEOUT' ? (this.#options.timeout ?? 0) : 0;
    const runMs = Math.min(longest, performance.now() - submittedAt);
    return { attempts: hasRun ? 1 : 0, runMs, finishedAt: Date.now() };
  }

  /** Whether nothing is known of an item that has ended so: it waited when the run was halted, the run was killed, the store is away. */
  #isNotRun(error: unknown): boolean {
    if (this.#isKilled) return true;
    const hasTold = reportIn(error) !== undefined;
    if (codeIn(error) === 'STORE_UNREACHABLE' && !hasTold) {
      this.failure ??= messageOf(error);
      this.onFailure();
      return true;
    }
    // What is taken back before its result is asked for is not there any more.
    const isGone = nameIn(error) === 'AbortError' || codeIn(error) === 'NO_RESULT';
    return this.#isHalted && isGone && !hasTold;
  }

  /** What is on its way into the queue is there the next time. */
  async #withdrawAll(): Promise<void> {
    while (this.#pending.size > 0 && !this.#isKilled) {
      await Promise.allSettled([...this.#pending].map((id) => this.#withdraw(id)));
      await sleep(AGAIN, undefined, { ref: false });
    }
  }

  async #withdraw(id: string): Promise<boolean> {
    const isBack = await this.#client.withdraw(id);
    if (isBack) this.#options.takenBack(indexOfId(id));
    return isBack;
  }

  async #look(): Promise<void> {
    try {
      [this.#counts, this.#processes] = await Promise.all([
        this.#client.stats(),
        this.#client.workers().then((workers) => workers.length),
      ]);
    } catch {
      return; // whoever waits for an answer hears of it
    }
    this.#lonelyLooks = this.#processes === 0 ? this.#lonelyLooks + 1 : 0;
    if (this.#lonelyLooks === LONELY) this.#options.lonely();
  }
}

/** Whether an earlier run has ended the item when it was killed itself. */
const wasEnded = (error: unknown): boolean =>
  nameIn(error) === 'AbortError' && error instanceof Error && error.message === ENDED;

const nameIn = (error: unknown): unknown => (Object(error) as { name?: unknown }).name;

const codeIn = (error: unknown): unknown => (Object(error) as { code?: unknown }).code;
