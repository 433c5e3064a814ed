import { Console } from 'node:console';
import { isTaskerError, startTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { ALL_WELL, SOME_FAILED, USAGE } from '../basics/exit-codes.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import type { BadInput } from '../input/item.ts';
import { Items } from '../input/items.ts';
import type { Journal, RunIdentity } from '../output/journal.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import { itemOptions } from '../work/item-options.ts';
import type { ItemOptions } from '../work/item-options.ts';
import { loadWorker } from '../work/load-worker.ts';
import type { Worker } from '../work/load-worker.ts';
import { InThreads } from '../work/in-threads.ts';
import { runHere } from '../work/item-runner.ts';
import { managerConfig } from '../work/manager-config.ts';
import { EndOfRun } from './end-of-run.ts';
import { identify } from './identify.ts';
import { Interrupts } from './interrupts.ts';
import type { Messages } from './messages.ts';
import { openSource } from './open-source.ts';
import { assertNothingIsLost, openOutputs } from './outputs.ts';
import { PreviousRun } from './previous-run.ts';
import { showProgress } from './progress.ts';
import { standing } from './standing.ts';
import { Runner } from './runner.ts';
import { checkSettings } from './settings.ts';
import type { RunSettings } from './settings.ts';
import { summaryJson, summaryText } from './summary.ts';

/** `tasker run`: items in, results out. */
export class RunCommand {
  readonly #settings: RunSettings;
  readonly #messages: Messages;
  readonly #optionsOf: ItemOptions;
  /** Why lines could not be written. */
  #writeFailure: WriteFailure | undefined;
  #skipped = 0;

  constructor(settings: RunSettings, messages: Messages) {
    this.#settings = settings;
    this.#messages = messages;
    this.#optionsOf = itemOptions(settings);
  }

  /** Resolves with the exit code. Rejects with `UsageError` if nothing was run. */
  async run(): Promise<number> {
    checkSettings(this.#settings);
    globalThis.console = new Console(process.stderr); // standard output is for results, whatever the module prints
    const { module, onBadInput, limit, shuffle } = this.#settings;
    const source = openSource(this.#settings);
    if (shuffle !== undefined) this.#messages.note(`the order is that of --shuffle ${shuffle}`);
    if (!this.#settings.dryRun) await assertNothingIsLost(this.#settings);
    const worker = await loadWorker(module);
    const items = new Items(source, { onBadInput, limit, seed: shuffle, check: this.#optionsOf });
    if (this.#settings.dryRun) return await this.#list(items, worker);
    const previous = this.#settings.resume ? await PreviousRun.read(this.#settings.out ?? '') : undefined;
    const { identity, count } = await identify(items, this.#settings, previous);
    if (previous !== undefined) this.#messages.note(`resuming: ${previous.count} done already`);
    return await this.#runAll(items, worker, previous, identity, count);
  }

  /** Prints the items that would be run, and runs nothing. */
  async #list(items: Items, worker: Worker): Promise<number> {
    await this.#startManager({ ...this.#config(worker), lazy: true }).kill(); // checks the options, and makes no resource
    const out = LineWriter.standardOutput(this.#writeFailed);
    let count = 0;
    for await (const portion of items.read(this.#skip)) {
      for (const { index, value } of portion) out.write(JSON.stringify({ index, input: value }));
      count += portion.length;
      await out.room();
      if (this.#writeFailure !== undefined) break;
    }
    await out.end();
    const failed = this.#writeExitCode();
    if (failed !== undefined) return failed;
    this.#messages.note(`${count} ${count === 1 ? 'item' : 'items'} would be run`);
    return ALL_WELL;
  }

  async #runAll(
    items: Items,
    worker: Worker,
    previous: PreviousRun | undefined,
    identity: RunIdentity,
    count: number | undefined,
  ): Promise<number> {
    const startedAt = performance.now();
    const { threads, module } = this.#settings;
    const itemRunner = threads ? new InThreads(module, this.#messages.log) : runHere(worker);
    const config = itemRunner.config(this.#config(worker));
    const manager = this.#startManager(config);
    const { results, journal } = await openOutputs(this.#settings, previous, identity, this.#writeFailed).catch(
      async (error: unknown) => {
        await manager.kill();
        throw error;
      },
    );
    const runner = new Runner(manager, config.maxQueueSize ?? Infinity, {
      items: itemRunner,
      optionsOf: this.#optionsOf,
      results,
      log: this.#messages.log,
      isUnknown: (item) => this.#settings.once && previous?.hadBegun(item) === true,
      began: ({ index }) => !this.#settings.once || this.#enter(journal, index),
      isFilledFirst: this.#settings.priority !== undefined && items.isRepeatable,
    });
    const end = new EndOfRun(manager, runner, this.#messages);
    this.#onWriteFailure = (): void => end.kill();
    if (this.#writeFailure !== undefined) end.kill();
    const interrupts = new Interrupts(end, this.#settings.grace);
    const hasRate = config.rate !== undefined || config.keyRate !== undefined;
    const scope = { before: previous?.count ?? 0, total: count, hasRate };
    const progress = this.#hasProgress ? showProgress(() => standing(manager, runner, scope)) : undefined;
    try {
      const problem = await this.#feed(manager, runner, items, previous);
      await manager.stop();
      await results.end();
      progress?.stop();
      const exitCode = this.#exitCode(runner, interrupts, problem);
      if (exitCode <= SOME_FAILED && this.#writeFailure === undefined && !runner.isDeserted) journal?.remove();
      if (this.#writeFailure === undefined) this.#sum(runner, performance.now() - startedAt, exitCode);
      return exitCode;
    } finally {
      progress?.stop();
      interrupts.close();
    }
  }

  /** Resolves when all that was started has settled, with what is wrong with the input. */
  async #feed(
    manager: TaskManager<unknown>,
    runner: Runner,
    items: Items,
    previous: PreviousRun | undefined,
  ): Promise<UsageError | undefined> {
    try {
      await manager.ready;
    } catch (error) {
      if (runner.signal.aborted) return undefined;
      await manager.kill();
      throw new UsageError(`the worker of ${this.#settings.module} did not start: ${messageOf(error)}`, {
        cause: error,
      });
    }
    const portions = items.read(this.#skip, runner.signal);
    try {
      await runner.run(previous === undefined ? portions : previous.rest(portions));
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
  }

  #exitCode(runner: Runner, interrupts: Interrupts, problem: UsageError | undefined): number {
    if (problem !== undefined) {
      this.#messages.error(`error: ${problem.message}\nNothing was started after that.`);
      return USAGE;
    }
    const failed = this.#writeExitCode();
    if (failed !== undefined) return failed;
    if (interrupts.exitCode !== undefined) return interrupts.exitCode;
    if (runner.isDeserted)
      this.#messages.error('error: the manager was stopped from within the module; the rest was not run');
    return runner.failed > 0 || runner.isDeserted ? SOME_FAILED : ALL_WELL;
  }

  /** That of lines that could not be written, which is told; undefined if they could. */
  #writeExitCode(): number | undefined {
    if (this.#writeFailure === undefined) return undefined;
    if (this.#writeFailure.isClosed) return ALL_WELL;
    const advice = this.#settings.out === undefined ? '' : '\nOnce that is mended, --resume goes on with the rest.';
    this.#messages.error(`error: ${this.#writeFailure.message}${advice}`);
    return SOME_FAILED;
  }

  /** Results on the same terminal show well enough how far it is, and `--json` is for programs. */
  get #hasProgress(): boolean {
    const { progress, quiet, json, out } = this.#settings;
    const isFree = out !== undefined || !process.stdout.isTTY || !process.stderr.isTTY;
    return progress && !quiet && isFree && (!json || process.stderr.isTTY);
  }

  #sum(runner: Runner, durationMs: number, exitCode: number): void {
    const { written: items, failed } = runner;
    const summary = { items, ok: items - failed, failed, skipped: this.#skipped, durationMs, exitCode };
    if (this.#settings.json) this.#messages.error(summaryJson(summary));
    else this.#messages.note(summaryText(summary));
  }

  #config({ options }: Worker): TaskManagerConfig<unknown> {
    return managerConfig(options, this.#settings.manager);
  }

  /** Throws `UsageError` if the options are wrong, before anything is made. */
  #startManager(config: TaskManagerConfig<unknown>): TaskManager<unknown> {
    try {
      return startTaskManager(config);
    } catch (error) {
      if (!isTaskerError(error, 'INVALID_CONFIG')) throw error;
      throw new UsageError(`the worker of ${this.#settings.module}: ${error.message}`, { cause: error });
    }
  }

  /** Whether the journal could be told that an item begins. */
  #enter(journal: Journal | undefined, index: number): boolean {
    try {
      journal?.began(index);
      return true;
    } catch (error) {
      this.#writeFailed({ isClosed: false, message: `${journal?.path} cannot be written: ${messageOf(error)}` });
      return false;
    }
  }

  #onWriteFailure = (): void => {};

  readonly #writeFailed = (failure: WriteFailure): void => {
    this.#writeFailure ??= failure;
    this.#onWriteFailure();
  };

  readonly #skip = (problem: BadInput): void => {
    this.#skipped++;
    this.#messages.note(`${problem.message} (passed over)`);
  };
}
