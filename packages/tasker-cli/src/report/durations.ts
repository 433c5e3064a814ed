/** How many durations are from one to below another, in ms. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The first digits of round numbers, from fine to coarse: each grid has all of the next. */
const GRIDS = [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 2, 5], [1]] as const;

/** Units in ms, and how many make the next: µs, ms, s, min, h, d. */
const UNITS = [
  [0.001, 1_000],
  [1, 1_000],
  [1_000, 60],
  [60_000, 60],
  [3_600_000, 24],
  [86_400_000, 10_000],
] as const;

/** Where the finest buckets begin. */
const EDGES = edgesOf(GRIDS[0]);

/** Round durations, for the labels of an axis. */
export const ROUND_DURATIONS: readonly number[] = edgesOf(GRIDS[1]).slice(1);

/** How coarse the coarsest grid is that has this edge: 0 is the coarsest. */
export function roundnessOf(edge: number): number {
  return GRIDS.length - 1 - GRIDS.findLastIndex((grid) => edgesOf(grid).includes(edge));
}

/** Counts durations by size, in logarithmic buckets. */
export class Durations {
  readonly #counts: number[] = EDGES.map(() => 0);

  add(ms: number): void {
    let [low, high] = [0, EDGES.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (ms < (EDGES[middle] ?? 0)) high = middle;
      else low = middle;
    }
    this.#counts[low] = (this.#counts[low] ?? 0) + 1;
  }

  /** From the first to the last bucket that is not empty. */
  buckets(): Bucket[] {
    const all = EDGES.map((from, i) => ({ from, to: EDGES[i + 1] ?? Infinity, count: this.#counts[i] ?? 0 }));
    const isFull = ({ count }: Bucket): boolean => count > 0;
    return all.some(isFull) ? all.slice(all.findIndex(isFull), all.findLastIndex(isFull) + 1) : [];
  }
}

/** The same in at most so many buckets, if one for each decade are not too many. */
export function coarser(buckets: readonly Bucket[], most: number): readonly Bucket[] {
  let merged: readonly Bucket[] = [];
  for (const grid of GRIDS) {
    merged = mergeAt(edgesOf(grid), buckets);
    if (merged.length <= most) break;
  }
  return merged;
}

/** Buckets from one edge to the next; all edges are edges of what is merged. */
function mergeAt(edges: readonly number[], buckets: readonly Bucket[]): Bucket[] {
  return edges.flatMap((from, i) => {
    const to = edges[i + 1] ?? Infinity;
    const inside = buckets.filter((bucket) => bucket.from >= from && bucket.from < to);
    return inside.length === 0 ? [] : [{ from, to, count: inside.reduce((sum, { count }) => sum + count, 0) }];
  });
}

function edgesOf(grid: readonly number[]): number[] {
  const edges = UNITS.flatMap(([ms, most]) =>
    [1, 10, 100, 1_000]
      .flatMap((decade) => grid.map((digit) => digit * decade))
      .filter((number) => number <= most * 0.8) // 50 s are too near to a minute
      .map((number) => Number((number * ms).toPrecision(12))),
  );
  return [0, ...edges];
}
