import { accessSync, constants, fstatSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ALL_WELL, SOME_FAILED } from '../basics/exit-codes.ts';
import { paintFor } from '../basics/paint.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { Input } from '../input/open-input.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import { parseResults } from '../output/read-results.ts';
import { htmlReport } from './html-report.ts';
import { pageFiles } from './page-files.ts';
import { ReportBuilder } from './run-report.ts';
import type { RunReport } from './run-report.ts';
import { terminalReport } from './terminal-report.ts';

/** What `tasker report` is asked to do. */
export interface ReportSettings {
  /** Results; `-` for standard input. */
  readonly file: string;
  /** Where a page goes. */
  readonly html: string | undefined;
}

/** Columns where there is no terminal. */
const COLUMNS = 80;

/** `tasker report`: what the results of a run come to. */
export class ReportCommand {
  readonly #settings: ReportSettings;
  #halfLine: number | undefined;

  constructor(settings: ReportSettings) {
    this.#settings = settings;
  }

  /** Resolves with the exit code. Rejects with `UsageError` if the file has anything but results. */
  async run(): Promise<number> {
    const { file, html } = this.#settings;
    const input = new Input(file);
    if (html !== undefined) checkPlace(html, file);
    const report = await this.#read(input);
    const exitCode = await this.#show(report, input.name);
    return html === undefined || this.#write(html, report, input.name) ? exitCode : SOME_FAILED;
  }

  async #read(input: Input): Promise<RunReport> {
    const builder = new ReportBuilder();
    const half = (line: number): void => void (this.#halfLine = line);
    for await (const results of parseResults(input.text(undefined), input.name, half)) {
      for (const result of results) builder.add(result);
    }
    return builder.report();
  }

  async #show(report: RunReport, name: string): Promise<number> {
    let failure: WriteFailure | undefined;
    const out = LineWriter.standardOutput((why) => (failure = why));
    const view = {
      name,
      halfLine: this.#halfLine,
      columns: process.stdout.columns ?? COLUMNS,
      paint: paintFor(process.stdout),
    };
    for (const line of terminalReport(report, view)) out.write(line);
    await out.end();
    if (failure === undefined || failure.isClosed) return ALL_WELL;
    process.stderr.write(`error: ${failure.message}\n`);
    return SOME_FAILED;
  }

  /** Whether the page could be written. */
  #write(path: string, report: RunReport, name: string): boolean {
    const page = htmlReport(report, { name, halfLine: this.#halfLine, madeAt: Date.now(), files: pageFiles() });
    try {
      writeFileSync(path, page);
      return true;
    } catch (error) {
      process.stderr.write(`error: ${path} cannot be written: ${messageOf(error)}\n`);
      return false;
    }
  }
}

/** Throws `UsageError` if a page cannot be written there, before all results are read. */
function checkPlace(html: string, file: string): void {
  const there = statSync(html, { throwIfNoEntry: false });
  const input = file === '-' ? fstatSync(process.stdin.fd) : statSync(file, { throwIfNoEntry: false });
  if (there !== undefined && there.ino === input?.ino && there.dev === input.dev) {
    throw new UsageError(`${html} has the results: --html would write over them`);
  }
  if (there?.isDirectory() === true) throw new UsageError(`${html} is a folder; --html takes a file`);
  try {
    accessSync(there === undefined ? dirname(html) : html, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${html} cannot be written: ${messageOf(error)}`);
  }
}
