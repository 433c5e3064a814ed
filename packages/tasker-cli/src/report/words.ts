import { formatMs } from '../basics/duration.ts';

/** How a report writes parts, ranges and instants. */

/** A part of a whole; what is not nothing and not all is never called so. */
export function formatPart(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`;
}

/** From one round duration to another: `10 – 20 ms`. */
export function formatRange(from: number, to: number): string {
  if (to === Infinity) return `over ${formatMs(from)}`;
  const [low = '', unit] = formatMs(from).split(' ');
  const high = formatMs(to);
  return high.endsWith(` ${unit}`) ? `${low} – ${high}` : `${low} ${unit} – ${high}`;
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
