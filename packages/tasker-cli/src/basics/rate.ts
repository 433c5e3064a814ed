import type { RateLimit } from 'tasker';

const INTERVALS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['sec', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['hour', 3_600_000],
]);

const RATE = /^(\d+(?:\.\d+)?)\/([a-z]+)$/;

/** The rate that `20/s` or `600/min` stands for; undefined if it is none. */
export function parseRate(text: string): RateLimit | undefined {
  const [, number, unit = ''] = RATE.exec(text) ?? [];
  const limit = Number(number);
  const interval = INTERVALS.get(unit);
  return limit > 0 && interval !== undefined ? { limit, interval } : undefined;
}
