import { styleText } from 'node:util';
import { ALL_WELL, SOME_FAILED } from '../basics/exit-codes.ts';
import { Input } from '../input/open-input.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import { parseResults } from '../output/read-results.ts';
import { ReportBuilder } from './run-report.ts';
import type { RunReport } from './run-report.ts';
import type { Paint } from './terminal-charts.ts';
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
    const input = new Input(this.#settings.file);
    const report = await this.#read(input);
    return await this.#show(report, input.name);
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
    const view = { name, halfLine: this.#halfLine, columns: process.stdout.columns ?? COLUMNS, paint };
    for (const line of terminalReport(report, view)) out.write(line);
    await out.end();
    if (failure === undefined || failure.isClosed) return ALL_WELL;
    process.stderr.write(`error: ${failure.message}\n`);
    return SOME_FAILED;
  }
}

/** Colours where standard output shows them: a terminal, `NO_COLOR` and `FORCE_COLOR` decide. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout, validateStream: true });
