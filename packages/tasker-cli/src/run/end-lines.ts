import { USAGE } from '../basics/exit-codes.ts';
import { countOf } from '../basics/numbers.ts';
import { paintFor } from '../basics/paint.ts';
import { errorLines, slowestLines } from '../tally/tally-lines.ts';
import type { Tally } from '../tally/tally.ts';
import { resuming } from './command-line.ts';
import type { RunSettings } from './settings.ts';
import { summaryText } from './summary.ts';
import type { Summary } from './summary.ts';

const MOST_ERRORS = 5;
const MOST_SLOW = 5;
/** Of fewer items none is worth being called slow. */
const ENOUGH = 10;
/** Columns where there is no terminal. */
const COLUMNS = 100;

/** What it says depends on. */
type EndSettings = Pick<RunSettings, 'out' | 'once' | 'args'>;

/** What is told when a run is over: its summary, the slowest items, the most frequent errors, and how to go on. */
export function endLines(summary: Summary, { errors, slowest }: Tally, settings: EndSettings): string[] {
  const { out, once, args } = settings;
  const paint = paintFor(process.stderr);
  const style = { columns: process.stderr.columns || COLUMNS, paint };
  const titled = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [paint('bold', title), ...lines];
  const slow = summary.items < ENOUGH ? [] : slowest.items.slice(0, MOST_SLOW);
  return [
    ...titled('Slowest', slowestLines(slow, style)),
    ...titled('Errors', errorLines(errors.errors(), MOST_ERRORS, style)),
    summaryText(summary),
    ...(out === undefined ? [] : titled(...howToGoOn(summary, once, args))),
  ];
}

/** A title, and what to type. */
function howToGoOn(
  { failed, before, exitCode, complete }: Summary,
  isOnce: boolean,
  args: readonly string[],
): [string, string[]] {
  const all = failed + before.failed;
  if (!complete && exitCode !== USAGE) return ['To go on:', [`  ${resuming(args, '--resume')}`]];
  if (all === 0 || isOnce) return ['', []];
  return [`To run the ${countOf(all, 'failed item')} again:`, [`  ${resuming(args, '--resume-failed')}`]];
}
