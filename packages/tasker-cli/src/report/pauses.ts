import type { Ends } from './ends.ts';

/** A time in which nothing ended. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}

/** More gaps than these are how a run goes. */
const MOST = 10;

/** Shorter gaps are, too, as when a server asks to be left alone for some seconds. */
const SHORTEST = 60_000;

/**
 * Long times in which nothing ended, as between a run and its resumption the next day: longer than a minute, than the longest run of an
 * item, and than half of all time without them. The shorter half of all gaps is never one.
 */
export function pausesOf({ width, slots }: Ends, longestRun: number): Pause[] {
  const gaps = slots.slice(1).map(({ at }, i) => ({ from: (slots[i]?.at ?? at) + width, to: at }));
  const byLength = gaps.toSorted((a, b) => lengthOf(a) - lengthOf(b));
  let rest = width * slots.length;
  const first = byLength.findIndex((gap, i) => {
    const isRare = i >= Math.max(gaps.length / 2, gaps.length - MOST);
    if (isRare && lengthOf(gap) > Math.max(rest / 2, longestRun, SHORTEST)) return true;
    rest += lengthOf(gap);
    return false;
  });
  return first < 0 ? [] : byLength.slice(first).toSorted((a, b) => a.from - b.from);
}

export const lengthOf = ({ from, to }: Pause): number => to - from;
