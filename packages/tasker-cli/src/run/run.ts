import { ALL_WELL, SOME_FAILED, USAGE } from '../basics/exit-codes.ts';
import { standardOutput } from '../basics/standard-output.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import type { Journal } from '../output/journal.ts';
import type { Results } from '../output/results.ts';
import { Tally } from '../tally/tally.ts';
import { named } from '../work/item-options.ts';
import { unlessExit } from '../process/early-exit.ts';
import { EndOfRun } from './end-of-run.ts';
import { Interrupts } from '../process/interrupts.ts';
import type { Messages } from '../process/messages.ts';
import { openOutputs } from './outputs.ts';
import type { Outputs } from './outputs.ts';
import type { RunPlan } from './plan.ts';
import { showProgress } from '../process/progress.ts';
import type { Progress } from '../process/progress.ts';
import { hire } from './hire.ts';
import { Runner } from './runner.ts';
import type { RunSettings } from './settings.ts';
import type { SkippedLines } from '../process/skipped-lines.ts';
import { endLines } from './end-lines.ts';
import { summaryJson } from './summary.ts';
import type { Workforce } from './workforce.ts';
import { WriteFailures } from '../process/write-failures.ts';

/** Runs the items of a plan: to be used once. */
export class Run {
  readonly #plan: RunPlan;
  readonly #settings: RunSettings;
  readonly #skipped: SkippedLines;
  readonly #messages: Messages;
  readonly #writeFailures = new WriteFailures();
  readonly #tally = new Tally();
  #journal: Journal | undefined;

  constructor(plan: RunPlan, skipped: SkippedLines, messages: Messages) {
    this.#plan = plan;
    this.#settings = plan.settings;
    this.#skipped = skipped;
    this.#messages = messages;
  }

  /** Resolves with the exit code. Rejects with `UsageError` if nothing was run. */
  async run(): Promise<number> {
    const startedAt = performance.now();
    const workforce = await this.#hire();
    const outputs = await this.#open(workforce);
    const runner = this.#runner(workforce, outputs);
    const end = new EndOfRun(workforce, runner, this.#messages);
    this.#writeFailures.onFirst(() => end.abort());
    const interrupts = new Interrupts(end, this.#settings.grace);
    const progress = this.#showProgress(workforce, runner);
    try {
      const problem = await unlessExit(
        async () => {
          const problem = await this.#feed(workforce, runner);
          await workforce.stop();
          await Promise.race([outputs.results.end(), end.killed]);
          await this.#plan.dashboard?.close();
          return problem;
        },
        () => {
          progress?.stop();
          return this.#endedEarly(outputs.results, interrupts);
        },
      );
      progress?.stop();
      const exitCode = this.#exitCode(workforce, runner, interrupts, problem);
      const isAll = workforce.failure === undefined;
      const complete = exitCode <= SOME_FAILED && this.#writeFailures.isEmpty && isAll;
      if (complete) outputs.journal?.remove();
      this.#sum(runner, performance.now() - startedAt, exitCode, complete);
      return exitCode;
    } finally {
      progress?.stop();
      interrupts.close();
    }
  }

  #hire(): Promise<Workforce> {
    const { once } = this.#settings;
    return hire(this.#plan, this.#messages, {
      hadBegun: (item) => once && this.#plan.previous?.hadBegun(item) === true,
      began: ({ index }) => !once || this.#enter(index),
      takenBack: (index) => once && this.#takeBack(index),
    });
  }

  async #open(workforce: Workforce): Promise<Outputs> {
    const { previous, identity } = this.#plan;
    try {
      const outputs = await openOutputs(this.#settings, previous, identity, this.#writeFailures.add);
      this.#journal = outputs.journal;
      return outputs;
    } catch (error) {
      await workforce.kill();
      throw error;
    }
  }

  #runner(workforce: Workforce, { results }: Outputs): Runner {
    const { optionsOf, items, dashboard } = this.#plan;
    return new Runner(workforce, {
      optionsOf: dashboard === undefined ? optionsOf : named(optionsOf),
      results,
      tally: this.#tally,
      isFilledFirst: this.#settings.priority !== undefined && items.isRepeatable,
    });
  }

  /** Whether the journal could be told that an item begins. */
  #enter(index: number): boolean {
    const journal = this.#journal;
    try {
      journal?.began(index);
      return true;
    } catch (error) {
      this.#writeFailures.add({ isClosed: false, message: `${journal?.path} cannot be written: ${messageOf(error)}` });
      return false;
    }
  }

  /** What is not in the journal then is not run again. */
  #takeBack(index: number): void {
    try {
      this.#journal?.takenBack(index);
    } catch {
      // The run ends.
    }
  }

  /** Results on the same terminal show well enough how far it is, and `--json` is for programs. */
  #showProgress(workforce: Workforce, runner: Runner): Progress | undefined {
    const { progress, quiet, json, out } = this.#settings;
    const { previous, total } = this.#plan;
    const isFree = out !== undefined || !standardOutput.isTTY || !process.stderr.isTTY;
    if (!progress || quiet || !isFree || (json && !process.stderr.isTTY)) return undefined;
    const before = previous?.count ?? 0;
    return showProgress(() => ({
      done: before + runner.written,
      total,
      failed: runner.failed,
      ...workforce.standing(),
    }));
  }

  /** Resolves when all that was started has settled, with what is wrong with the input. */
  async #feed(workforce: Workforce, runner: Runner): Promise<UsageError | undefined> {
    const { items, previous } = this.#plan;
    try {
      await workforce.ready;
    } catch (error) {
      if (runner.signal.aborted) return undefined;
      await workforce.kill();
      const message = `the worker of ${this.#settings.module} did not start: ${messageOf(error)}`;
      throw new UsageError(message, { cause: error });
    }
    const portions = items.read(this.#skipped.add, runner.signal);
    try {
      await runner.run(previous === undefined ? portions : previous.rest(portions));
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
  }

  /** The process ends in the middle: what can be, is saved. Returns the exit code. */
  #endedEarly(results: Results, interrupts: Interrupts): number {
    results.flush();
    if (interrupts.exitCode !== undefined) return interrupts.exitCode;
    const what = 'the process was ended in the middle of the run, by process.exit() or an error that nothing caught';
    this.#messages.error(`error: ${what}${this.#advice('--resume goes on with the rest.')}`);
    return SOME_FAILED;
  }

  /** How to go on, as a further line, if that can be. */
  #advice(text: string): string {
    return this.#settings.out === undefined ? '' : `\n${text}`;
  }

  /** Tells what went wrong. */
  #exitCode({ failure }: Workforce, runner: Runner, interrupts: Interrupts, problem: UsageError | undefined): number {
    if (problem !== undefined) {
      this.#messages.error(`error: ${problem.message}\nNothing was started after that.`);
      return USAGE;
    }
    const advice = this.#advice('Once that is mended, --resume goes on with the rest.');
    const unwritten = this.#writeFailures.tell(this.#messages, advice);
    if (unwritten !== undefined) return unwritten;
    if (interrupts.exitCode !== undefined) return interrupts.exitCode;
    if (failure !== undefined) this.#messages.error(`error: ${failure}${advice}`);
    const failed = runner.failed + (this.#plan.previous?.failed ?? 0);
    return failed > 0 || failure !== undefined ? SOME_FAILED : ALL_WELL;
  }

  /** Lines that could not be written are not known to be there: people are told why, and no more. */
  #sum({ written: items, failed }: Runner, durationMs: number, exitCode: number, complete: boolean): void {
    if (this.#writeFailures.isClosed || (!this.#writeFailures.isEmpty && !this.#settings.json)) return;
    const { previous, total } = this.#plan;
    const before = { items: previous?.count ?? 0, failed: previous?.failed ?? 0 };
    const notRun = complete || total === undefined ? undefined : total - before.items - items;
    const counts = { items, ok: items - failed, failed, notRun, before, skipped: this.#skipped.count };
    const summary = { ...counts, durationMs, exitCode, complete };
    if (this.#settings.json) this.#messages.error(summaryJson(summary));
    else for (const line of endLines(summary, this.#tally, this.#settings)) this.#messages.note(line);
  }
}
