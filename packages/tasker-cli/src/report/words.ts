import { formatCount } from '../basics/numbers.ts';

/** How a report writes numbers, durations, rates and instants. */

export const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;

/** A part of a whole; what is not nothing and not all is never called so. */
export function formatPart(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
  ['µs', 0.001],
] as const;

/** A duration as a number of one unit, in three digits: `12.5 ms`, `1.2 min`. */
export function formatMs(ms: number): string {
  const [unit, length] = UNITS.find(([, least]) => ms >= least * 0.9995) ?? (['µs', 0.001] as const);
  const number = ms / length;
  return `${formatCount(Number(number.toPrecision(number < 1_000 ? 3 : 12)))} ${unit}`;
}

/** From one round duration to another: `10 – 20 ms`. */
export function formatRange(from: number, to: number): string {
  if (to === Infinity) return `over ${formatMs(from)}`;
  const [low = '', unit] = formatMs(from).split(' ');
  const high = formatMs(to);
  return high.endsWith(` ${unit}`) ? `${low} – ${high}` : `${low} ${unit} – ${high}`;
}

/** How often in a second, in a minute or in an hour, whichever is readable. */
export function formatThroughput(perSecond: number): string {
  const { times, unit } = rateUnitOf(perSecond);
  return `${formatCount(Number((perSecond * times).toPrecision(3)))}/${unit}`;
}

/** The unit in which a rate is a number of 1 or more, if there is one. */
export function rateUnitOf(perSecond: number): { readonly times: number; readonly unit: string } {
  if (perSecond >= 1) return { times: 1, unit: 's' };
  return perSecond * 60 >= 1 ? { times: 60, unit: 'min' } : { times: 3_600, unit: 'h' };
}

const INSTANTS = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** An instant in local time: `2026-11-25 14:03:12`. */
export const formatInstant = (at: number): string => INSTANTS.format(at);

/** As much of an instant as is needed on the axis of a chart. */
export function axisLabels(from: number, to: number): (at: number) => string {
  const isOneDay = formatInstant(from).slice(0, 10) === formatInstant(to).slice(0, 10);
  if (!isOneDay) return (at) => formatInstant(at).slice(5, 16);
  if (to - from >= 10_000) return (at) => formatInstant(at).slice(11);
  return (at) => `${formatInstant(at).slice(11)}.${String(Math.floor(at % 1_000)).padStart(3, '0')}`;
}
