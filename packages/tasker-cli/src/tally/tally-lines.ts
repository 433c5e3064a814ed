import { formatMs } from '../basics/duration.ts';
import { countOf, formatCount } from '../basics/numbers.ts';
import type { Paint } from '../basics/paint.ts';
import { cutText } from '../basics/plain-text.ts';
import { titleOf } from './error-groups.ts';
import type { ErrorGroup, Errors } from './error-groups.ts';
import type { SlowItem } from './slowest.ts';

/** How lines are written. */
export interface LineStyle {
  /** None is wider. */
  readonly columns: number;
  readonly paint: Paint;
}

/** Kinds of errors, `most` of them, each with an example. */
export function errorLines({ groups, others }: Errors, most: number, style: LineStyle): string[] {
  const shown = groups.slice(0, most);
  const counts = Math.max(0, ...shown.map(({ count }) => formatCount(count).length));
  const rest = groups.slice(most).reduce((sum, { count }) => sum + count, others);
  return [
    ...shown.flatMap((group) => linesOfGroup(group, counts, style)),
    ...(rest === 0 ? [] : [`  ${countOf(rest, 'failure')} of other kinds`]),
  ];
}

function linesOfGroup(group: ErrorGroup, counts: number, { columns, paint }: LineStyle): string[] {
  const { pattern, count, example } = group;
  const title = `${titleOf(group)}: ${pattern}`;
  const left = columns - counts - 4;
  const indent = ' '.repeat(counts + 4);
  const item = `item ${example.index}${example.input === '' ? '' : `: ${example.input}`}`;
  return [
    `  ${paint('red', formatCount(count).padStart(counts))}  ${cutText(title, left)}`,
    ...(example.message === pattern ? [] : [`${indent}${paint('dim', cutText(example.message, left))}`]),
    `${indent}${paint('dim', cutText(item, left))}`,
  ];
}

/** A line for each item. */
export function slowestLines(items: readonly SlowItem[], { columns, paint }: LineStyle): string[] {
  const width = Math.max(...items.map(({ runMs }) => formatMs(runMs).length));
  const indexes = Math.max(...items.map(({ index }) => String(index).length));
  return items.map(({ index, runMs, ok, input }) => {
    const state = ok ? 'ok    ' : 'failed';
    const before = width + indexes + 'item '.length + state.length + 8;
    const text = paint('dim', cutText(input, Math.max(8, columns - before)));
    const place = `item ${String(index).padStart(indexes)}`;
    return `  ${formatMs(runMs).padStart(width)}  ${paint(ok ? 'green' : 'red', state)}  ${place}  ${text}`;
  });
}
