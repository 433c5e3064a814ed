import { stripVTControlCharacters } from 'node:util';
import { formatDuration, formatMs } from '../basics/duration.ts';
import type { Paint } from '../basics/paint.ts';
import { countOf, formatCount, formatRate } from '../basics/numbers.ts';
import type { Standing } from './standing.ts';

/** What is shown of a run on a terminal of so many columns, at a speed in items per second: two lines, or more if it is narrow. */
export function progressText(standing: Standing, perSecond: number, columns: number, paint: Paint): string {
  const { done, total } = standing;
  const share = total === undefined ? undefined : share01(done, total);
  const width = columns < 80 ? 12 : columns < 110 ? 20 : 30;
  const what = [
    ...(share === undefined ? [] : [`${bar(share, width, paint)} ${percent(share)}`]),
    ...course(standing, perSecond, paint),
  ];
  // The spinner and a blank are before the first line; the others are indented by as much.
  const lines = [...flow(what, columns - 2), ...flow(workers(standing, paint), columns - 2)];
  return lines.join('\n  ');
}

/** The same as one line, where there is no terminal. */
export function progressLine(standing: Standing, perSecond: number, paint: Paint): string {
  const { done, total } = standing;
  const share = total === undefined ? [] : [percent(share01(done, total))];
  return [...share, ...course(standing, perSecond, paint), ...workers(standing, paint)].join(SEPARATOR);
}

const SEPARATOR = ' · ';

function course({ done, total, failed, retried }: Standing, perSecond: number, paint: Paint): string[] {
  const left = total === undefined || perSecond === 0 ? undefined : ((total - done) / perSecond) * 1_000;
  return [
    total === undefined ? `${formatCount(done)} done` : `${formatCount(done)} of ${formatCount(total)}`,
    ...(failed > 0 ? [paint('red', `${formatCount(failed)} failed`)] : []),
    ...(retried > 0 ? [paint('yellow', `${formatCount(retried)} retried`)] : []),
    formatRate(perSecond),
    ...(left === undefined ? [] : [`${formatDuration(roundedToSeconds(left))} left`]),
  ];
}

function workers(standing: Standing, paint: Paint): string[] {
  const { startingWorkers: starting, queued, running, runTimes, throttled, hasRate, processes } = standing;
  const times = runTimes === undefined ? [] : Object.entries(runTimes);
  const isShared = 'processes' in standing;
  return [
    ...(processes === 0 ? [paint('yellow', 'no process takes items')] : []),
    ...(processes !== undefined && processes > 0 ? [`${processes} ${processes === 1 ? 'process' : 'processes'}`] : []),
    ...(isShared && standing.workers === 0 ? [] : [`${countOf(standing.workers, 'worker')}${isShared ? ' here' : ''}`]),
    ...(starting > 0 ? [`${starting} starting`] : []),
    `${formatCount(running)} running`,
    `${formatCount(queued)} queued`,
    ...times.map(([name, ms]) => `${name} ${formatMs(ms)}`),
    ...(throttled > 0
      ? [paint('yellow', hasRate ? 'waiting for the rate' : 'waiting: the service is overloaded')]
      : []),
  ].map((text) => paint('dim', text));
}

/** Lines of as many parts as fit. */
function flow(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let width = Infinity;
  for (const part of parts) {
    const partWidth = stripVTControlCharacters(part).length;
    if (width + SEPARATOR.length + partWidth <= columns) {
      lines.push(`${lines.pop()}${SEPARATOR}${part}`);
      width += SEPARATOR.length + partWidth;
    } else {
      lines.push(part);
      width = partWidth;
    }
  }
  return lines;
}

function bar(share: number, width: number, paint: Paint): string {
  const full = Math.round(share * width);
  return paint('cyan', '█'.repeat(full)) + paint('dim', '░'.repeat(width - full));
}

const share01 = (done: number, total: number): number => (total === 0 ? 1 : Math.min(1, done / total));

/** 100 % only when all is done. */
const percent = (share: number): string => `${Math.floor(share * 100)} %`;

const roundedToSeconds = (ms: number): number => Math.ceil(ms / 1_000) * 1_000;
