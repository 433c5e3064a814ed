import { formatCount, rateUnitOf } from '../basics/numbers.ts';
import type { Paint } from '../basics/paint.ts';
import type { Timeline } from './timeline.ts';
import { axisLabels } from './words.ts';

/** Charts of characters. */

/** A row of a bar chart. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

const LYING = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const STANDING = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Bars one below another, with their labels before and their values behind. */
export function barChart(bars: readonly Bar[], columns: number, paint: Paint): string[] {
  const labels = Math.max(...bars.map(({ label }) => label.length));
  const values = Math.max(...bars.map(({ value }) => formatCount(value).length));
  const most = Math.max(...bars.map(({ value }) => value));
  const room = Math.max(8, columns - labels - values - 2);
  return bars.map(({ label, value }) => {
    const eighths = value === 0 ? 0 : Math.max(1, Math.round((value / most) * room * 8));
    const bar = '█'.repeat(Math.floor(eighths / 8)) + (LYING[eighths % 8] ?? '');
    return `${label.padStart(labels)} ${paint('cyan', bar)}${bar === '' ? '' : ' '}${formatCount(value)}`;
  });
}

const HEIGHT = 6;
/** Between two columns: a pause was left out. */
const PAUSE = '┊';
const WIDEST = 8;

/** A column of a chart. */
interface Column {
  readonly at: number;
  /** Per second; undefined for a pause. */
  readonly ended: number | undefined;
  readonly failed: number;
}

/** Throughput over time as columns over an axis, and what failed below. */
export function columnChart(timeline: Timeline, columns: number, paint: Paint): string[] {
  const all = columnsOf(timeline);
  const highest = Math.max(...all.map(({ ended }) => ended ?? 0));
  const { times, unit } = rateUnitOf(highest);
  const top = roundUp(highest * times);
  const labels = [`${formatCount(top)}/${unit}`, formatCount(top / 2), '0'];
  const left = Math.max(...labels.map(({ length }) => length), 'failed'.length);
  const each = Math.max(1, Math.min(WIDEST, Math.floor((columns - left - 2) / all.length)));

  const cells = (cell: (column: Column) => string): string => all.map((column) => cell(column).repeat(each)).join('');
  const row = (floor: number): string => {
    const label = { [HEIGHT - 1]: labels[0], [HEIGHT / 2 - 1]: labels[1] }[floor];
    const bars = cells(({ ended }) => (ended === undefined ? PAUSE : block((ended * times * HEIGHT) / top - floor)));
    return `${(label ?? '').padStart(left)} ${label === undefined ? '│' : '┤'}${paint('cyan', bars)}`;
  };
  return [
    ...Array.from({ length: HEIGHT }, (_, i) => row(HEIGHT - 1 - i)),
    `${'0'.padStart(left)} └${cells(({ ended }) => (ended === undefined ? '┴' : '─'))}`,
    ...failedRow(all, worstPart(timeline), each, left, paint),
    `${' '.repeat(left + 2)}${timeLabels(all, each)}`,
  ];
}

function columnsOf({ width, stretches }: Timeline): Column[] {
  const perSecond = 1_000 / width;
  return stretches.flatMap((stretch, i) => [
    ...(i === 0 ? [] : [{ at: stretch[0]?.at ?? 0, ended: undefined, failed: 0 }]),
    ...stretch.map(({ at, ended, failed }) => ({ at, ended: ended * perSecond, failed: failed * perSecond })),
  ]);
}

/** A part of a cell, from below; something is never nothing. */
function block(part: number): string {
  if (part <= 0) return ' ';
  return STANDING[Math.min(8, Math.max(1, Math.round(part * 8)))] ?? ' ';
}

/** The largest part of a slot that failed. */
export function worstPart({ stretches }: Timeline): number {
  return Math.max(...stretches.flat().map(({ ended, failed }) => (ended === 0 ? 0 : failed / ended)));
}

/** How much of each column failed, in relation to the worst; nothing if none did. */
function failedRow(all: readonly Column[], worst: number, each: number, left: number, paint: Paint): string[] {
  if (worst === 0) return [];
  const cells = all.map(({ ended, failed }) =>
    (ended === undefined ? PAUSE : block(ended === 0 ? 0 : failed / ended / worst)).repeat(each),
  );
  return [`${'failed'.padStart(left)}  ${paint('red', cells.join(''))}`];
}

/** When the chart begins and ends, and between, where there is room, when each stretch begins. */
function timeLabels(all: readonly Column[], each: number): string {
  const label = axisLabels(all[0]?.at ?? 0, all.at(-1)?.at ?? 0);
  const width = all.length * each;
  const first = label(all[0]?.at ?? 0);
  const last = label(all.at(-1)?.at ?? 0);
  if (width < first.length + last.length + 2) return first;
  let line = first;
  for (const [i, { at, ended }] of all.entries()) {
    const isMark = all[i - 1]?.ended === undefined && i > 0 && ended !== undefined;
    const start = i * each;
    if (isMark && start > line.length + 1 && start + first.length + 2 + last.length <= width) {
      line = line.padEnd(start) + label(at);
    }
  }
  return line.padEnd(width - last.length) + last;
}

/** The next number of which half is round, too. */
function roundUp(number: number): number {
  const decade = 10 ** Math.floor(Math.log10(number));
  const digit = [1, 2, 4, 6, 8, 10].find((step) => step * decade >= number * (1 - 1e-9)) ?? 10;
  return Number((digit * decade).toPrecision(12));
}
