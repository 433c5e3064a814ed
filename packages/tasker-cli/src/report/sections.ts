import { formatDuration, formatMs } from '../basics/duration.ts';
import { countOf, formatCount, formatRate } from '../basics/numbers.ts';
import { lengthOf } from './pauses.ts';
import type { RunReport } from './run-report.ts';
import { PERCENTILES } from './times.ts';
import type { TimesSummary } from './times.ts';
import { formatInstant, formatPart } from './words.ts';

/** What every view of a report says, in the same words. */

/** A name and what it stands for. */
export type Fact = readonly [name: string, text: string];

/** What a report says first. */
export function factsOf({ items, ok, failed, retried, runs, period }: RunReport): Fact[] {
  return [
    ['items', formatCount(items)],
    ['ok', `${formatCount(ok)} (${formatPart(ok, items)})`],
    ['failed', failed === 0 ? '0' : `${formatCount(failed)} (${formatPart(failed, items)})`],
    ['retried', retried === 0 ? '0' : countOf(retried, 'item')],
    ['runs', formatCount(runs)],
    ...(period === undefined
      ? []
      : ([
          ['began', formatInstant(period.beganAt)],
          ['ended', formatInstant(period.endedAt)],
          ['took', `${formatDuration(period.activeMs)}${period.pauses.length === 0 ? '' : ', without pauses'}`],
          ['throughput', period.perSecond === undefined ? 'unknown' : formatRate(period.perSecond)],
        ] as const)),
  ];
}

/** What a reader has to know beside the figures. */
export function notesOf({ items, halfLine, period, untimed }: RunReport): string[] {
  const notes: string[] = [];
  if (halfLine !== undefined)
    notes.push(`Line ${formatCount(halfLine)}, the last, is not complete and was passed over.`);
  if (items > 0 && untimed === items) {
    notes.push('No line tells when its item ended (finishedAt), so there is no throughput.');
  } else if (untimed > 0) {
    const lines = untimed === 1 ? '1 line does' : `${formatCount(untimed)} lines do`;
    notes.push(`${lines} not tell when the item ended (finishedAt): throughput is without that.`);
  }
  for (const pause of period?.pauses ?? []) {
    notes.push(`Nothing ended for ${formatDuration(lengthOf(pause))} from ${formatInstant(pause.from)} on: left out.`);
  }
  return notes;
}

/** The heads of the table of times. */
export const TIMES_HEAD: readonly string[] = [...PERCENTILES.map((percent) => `p${percent}`), 'max', 'mean'];

/** A row of the table of times. */
export interface TimesRow {
  readonly name: string;
  readonly cells: readonly string[];
}

/** The rows of the table of times. */
export function timesOf({ runTimes, waitTimes }: RunReport): TimesRow[] {
  return [...timesRow('run', runTimes), ...timesRow('wait', waitTimes)];
}

function timesRow(name: string, times: TimesSummary | undefined): TimesRow[] {
  if (times === undefined) return [];
  const all = [...times.percentiles.map(({ ms }) => ms), times.max, times.mean];
  return [{ name, cells: all.map((ms) => formatMs(ms)) }];
}
