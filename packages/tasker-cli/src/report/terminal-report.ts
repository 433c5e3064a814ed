import { formatMs } from '../basics/duration.ts';
import type { Paint } from '../basics/paint.ts';
import { cutText, plainText } from '../basics/plain-text.ts';
import { coarser } from './durations.ts';
import type { Period, RunReport } from './run-report.ts';
import { TIMES_HEAD, factsOf, notesOf, timesOf } from './sections.ts';
import { errorLines, slowestLines } from '../tally/tally-lines.ts';
import type { LineStyle } from '../tally/tally-lines.ts';
import { barChart, columnChart, worstPart } from './terminal-charts.ts';
import { timelineOf } from './timeline.ts';
import { formatPart, formatRange } from './words.ts';

/** What a report is about, and where it is shown. */
export interface TerminalView extends LineStyle {
  /** The name of the file. */
  readonly name: string;
}

const MOST_BARS = 20;
const MOST_GROUPS = 10;
const NARROWEST = 40;
/** Before the axis of a chart. */
const AXIS = 12;

/** The lines of a report for a terminal. */
export function terminalReport(report: RunReport, view: TerminalView): string[] {
  const columns = Math.max(view.columns, NARROWEST);
  const shown = { ...view, columns };
  const notes = notesOf(report).map((note) => `  ${view.paint('dim', note)}`);
  if (report.items === 0) return [`${plainText(view.name)} has no results.`, ...notes];
  return [
    view.paint('bold', cutText(plainText(view.name), columns)),
    ...section('', facts(report, view.paint)),
    ...section('', notes),
    ...section(view.paint('bold', 'Times'), times(report, columns)),
    ...section(view.paint('bold', 'How long runs took'), durations(report, shown)),
    ...(report.period === undefined ? [] : throughput(report.period, shown)),
    ...section(view.paint('bold', 'Errors'), errorLines(report.errors, MOST_GROUPS, shown)),
    ...section(view.paint('bold', 'Slowest'), slowestLines(report.slowest, shown)),
  ];
}

/** A title and what is below it; nothing if that is nothing. */
const section = (title: string, content: readonly string[]): string[] =>
  content.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), ...content];

function facts(report: RunReport, paint: Paint): string[] {
  const colours: Record<string, 'green' | 'red'> = {
    ok: 'green',
    ...(report.failed > 0 && { failed: 'red' as const }),
  };
  return factsOf(report).map(([name, text]) => {
    const colour = colours[name];
    return `  ${name.padEnd(10)}  ${colour === undefined ? text : paint(colour, text)}`;
  });
}

function times(report: RunReport, columns: number): string[] {
  const rows = timesOf(report);
  if (rows.length === 0) return [];
  const widths = TIMES_HEAD.map((head, i) => Math.max(head.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const gap = 2 + 4 + widths.reduce((sum, width) => sum + width + 2, 0) <= columns ? 2 : 1;
  const row = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(4)}${cells.map((cell, i) => ' '.repeat(gap) + cell.padStart(widths[i] ?? 0)).join('')}`;
  return [row('', TIMES_HEAD), ...rows.map(({ name, cells }) => row(name, cells))];
}

function durations({ durations }: RunReport, { columns, paint }: TerminalView): string[] {
  if (durations.length === 0) return [];
  const bars = coarser(durations, MOST_BARS).map(({ from, to, count }) => ({
    label: formatRange(from, to),
    value: count,
  }));
  return barChart(bars, columns - 2, paint).map((line) => `  ${line}`);
}

function throughput({ ends, pauses }: Period, { columns, paint }: TerminalView): string[] {
  const timeline = timelineOf(ends, pauses, columns - AXIS);
  const worst = worstPart(timeline);
  const failed = worst === 0 ? '' : `; at the worst ${formatPart(worst, 1)} failed`;
  const title = `${paint('bold', 'Throughput')} ${paint('dim', `(a column is ${formatMs(timeline.width)}${failed})`)}`;
  return section(
    title,
    columnChart(timeline, columns - 2, paint).map((line) => `  ${line}`),
  );
}
