import { writeFileSync } from 'node:fs';
import { ALL_WELL, SOME_FAILED } from '../basics/exit-codes.ts';
import { paintFor } from '../basics/paint.ts';
import { messageOf } from '../basics/usage-error.ts';
import type { UsageError } from '../basics/usage-error.ts';
import { Input } from '../input/open-input.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import { parseResults } from '../output/read-results.ts';
import { htmlReport } from './html-report.ts';
import { pageFiles } from './page-files.ts';
import { assertPlace } from './page-place.ts';
import { ReportBuilder } from './run-report.ts';
import type { RunReport } from './run-report.ts';
import { terminalReport } from './terminal-report.ts';

/** What `tasker report` is asked to do. */
export interface ReportSettings {
  /** Results; `-` for standard input. */
  readonly file: string;
  /** Where a page goes, too. */
  readonly html: string | undefined;
}

/** Columns where there is no terminal. */
const COLUMNS = 80;

/**
 * `tasker report`: what the results of a run come to. Resolves with the exit code; rejects with `UsageError` if the file has
 * anything but results.
 */
export async function reportCommand({ file, html }: ReportSettings): Promise<number> {
  const input = new Input(file);
  if (html !== undefined) assertPlace(html, file);
  const report = await readReport(input);
  const problem =
    (await show(report, input.name)) ?? (html === undefined ? undefined : write(html, report, input.name));
  if (problem === undefined) return ALL_WELL;
  process.stderr.write(`error: ${problem}\n`);
  return SOME_FAILED;
}

async function readReport(input: Input): Promise<RunReport> {
  const builder = new ReportBuilder();
  const half = (line: number): void => builder.addHalf(line);
  for await (const results of parseResults(input.text(refuse, undefined), input.name, half)) {
    for (const result of results) builder.add(result);
  }
  return builder.report();
}

/** Shows a report on standard output. Resolves with why it could not; it is no problem if nobody reads it. */
async function show(report: RunReport, name: string): Promise<string | undefined> {
  let failure: WriteFailure | undefined;
  const out = LineWriter.standardOutput((why) => (failure = why));
  const view = { name, columns: process.stdout.columns ?? COLUMNS, paint: paintFor(process.stdout) };
  for (const line of terminalReport(report, view)) out.write(line);
  await out.end();
  return failure?.isClosed === false ? failure.message : undefined;
}

/** Writes a page; returns why it could not. */
function write(path: string, report: RunReport, name: string): string | undefined {
  const page = htmlReport(report, { name, madeAt: Date.now(), files: pageFiles() });
  try {
    writeFileSync(path, page);
    return undefined;
  } catch (error) {
    return `${path} cannot be written: ${messageOf(error)}`;
  }
}

function refuse(problem: UsageError): never {
  throw problem;
}
