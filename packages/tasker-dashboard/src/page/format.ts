/** Numbers and times as the page writes them. What JSON cannot hold, such as Infinity, comes as null. */

const round = (value: number): string => Number(value.toPrecision(value < 10 ? 2 : 3)).toLocaleString('en');

/** A duration in ms, such as `1.5 s`; `–` if there is none. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  if (ms < 1) return ms <= 0 ? '0 ms' : `${Number(ms.toPrecision(2))} ms`;
  if (ms < 999.5) return `${round(ms)} ms`;
  if (ms < 60_000) return `${round(Math.min(ms / 1_000, 59.9))} s`;
  const seconds = Math.floor(ms / 1_000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return both(days, 'd', hours, 'h');
  return hours > 0 ? both(hours, 'h', minutes, 'min') : both(minutes, 'min', seconds % 60, 's');
}

const both = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;

export const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? '∞' : Math.round(value).toLocaleString('en');

/** A number and its noun, such as `1 task`, `2 tasks`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** A rate per second. */
export const rate = (value: number | null): string => {
  if (value === null) return '–';
  return `${value === 0 ? '0' : value < 100 ? round(value) : count(value)}/s`;
};

export const percent = (part: number | null): string =>
  part === null ? '–' : `${part === 0 ? '0' : round(part * 100)} %`;

export const clockTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB');

/** How long ago, such as `12 s ago`. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  return ms < 1_000 ? 'just now' : `${duration(ms < 60_000 ? Math.floor(ms / 1_000) * 1_000 : ms)} ago`;
}
