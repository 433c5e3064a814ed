import { formatCount } from './numbers.ts';

const WRITTEN = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;

/** The milliseconds that `500ms`, `30s`, `2m`, `1h`, or a bare number of seconds, stand for; undefined if it is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = 's'] = DURATION.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (WRITTEN.get(unit) ?? NaN);
}

/** How long something takes, for people: `12 ms`, `3.4 s`, `5 min 20 s`, `2 h 3 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
  ['µs', 0.001],
] as const;

/** A time that was measured, as a number of one unit in three digits: `12.5 ms`, `1.2 min`. */
export function formatMs(ms: number): string {
  const [unit, length] = UNITS.find(([, least]) => ms >= least * 0.9995) ?? (['µs', 0.001] as const);
  const number = ms / length;
  return `${formatCount(Number(number.toPrecision(number < 1_000 ? 3 : 12)))} ${unit}`;
}
