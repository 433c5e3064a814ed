import type { History, Sample } from '../basics/messages.ts';

/** Points of a chart, at most: more are a comb. */
const MOST_POINTS = 180;

export const MINUTE = 60_000;

/** What a chart shows of so many milliseconds while there are fewer. */
const SPANS = [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE];

/** How far back charts go that may go back by `length`: a program that began a moment ago has no use for minutes without samples. */
export const spanOf = (age: number, length: number): number =>
  Math.min(length, SPANS.find((span) => age <= span) ?? length);

/** Of these the highest is shown, of others the mean. */
const HIGHEST: ReadonlySet<keyof Sample> = new Set(['at', 'workers', 'running', 'queued']);

/** Samples taken together by their times, so that a chart of so many milliseconds has no more points than can be told apart. */
export function bucketed(history: History, length: number): History {
  const width = length / MOST_POINTS;
  const buckets = new Map<number, number[]>();
  for (const [i, at] of history.at.entries()) {
    const bucket = Math.floor(at / width); // by the clock, so that a point stays what it is
    const samples = buckets.get(bucket);
    if (samples === undefined) buckets.set(bucket, [i]);
    else samples.push(i);
  }
  const names = Object.keys(history) as (keyof Sample)[];
  return Object.fromEntries(
    names.map((name) => {
      const merge = HIGHEST.has(name) ? highest : mean;
      return [name, [...buckets.values()].map((samples) => merge(samples.map((i) => history[name][i] ?? null)))];
    }),
  ) as unknown as History;
}

type Values = readonly (number | null)[];

const known = (values: Values): number[] => values.filter((value) => value !== null);

function highest(values: Values): number | null {
  const numbers = known(values);
  return numbers.length === 0 ? null : Math.max(...numbers);
}

function mean(values: Values): number | null {
  const numbers = known(values);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
