import { Command } from 'commander';
import type { ReportSettings } from '../report/report-command.ts';

const EXAMPLES = `
Examples:
  $ tasker report done.jsonl
  $ tasker report done.jsonl.gz --html report.html
  $ tasker run fetch.ts --lines urls.txt | tee pages.jsonl | tasker report -

FILE is what tasker run has written, with --out, with --failures, or to standard output.

Exit code: 0 shown, whatever became of the items; 1 it could not be written; 2 wrong usage, or no such file.
`;

/** `tasker report`. Its action calls `done` with the exit code. */
export function createReportCommand(done: (exitCode: number) => void): Command {
  return new Command('report')
    .description('show what came of a run: times, throughput, errors')
    .argument('<file>', 'the results; - is standard input, .gz is decompressed')
    .option('--html <file>', 'write the report there, too: one page with charts, which needs no network')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Pick<ReportSettings, 'html'>) => {
      const { reportCommand } = await import('../report/report-command.ts');
      done(await reportCommand({ file, html: flags.html }));
    });
}
