/** How many durations are from one to below another, in ms. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The round numbers of a decade, from fine to coarse: each has all of the next. */
const GRIDS = [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 2, 5], [1]];

const FINEST = GRIDS[0] ?? [];
/** A microsecond, and more than 30 years: what is outside counts as the first or the last. */
const DECADES = [-3, 12] as const;
const EDGES: readonly number[] = edgesOf(FINEST);

/** Counts durations by size, in logarithmic buckets. */
export class Durations {
  readonly #counts = new Float64Array(EDGES.length);

  add(ms: number): void {
    const decade = Math.floor(Math.log10(ms));
    let at = ms > 0 ? (decade - DECADES[0]) * FINEST.length : 0;
    at = Math.min(Math.max(at, 0), EDGES.length - 1);
    while (at > 0 && ms < (EDGES[at] ?? 0)) at--; // the logarithm is not exact
    while (ms >= (EDGES[at + 1] ?? Infinity)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** From the first to the last bucket that is not empty. */
  buckets(): Bucket[] {
    const all = EDGES.map((from, i) => ({ from, to: EDGES[i + 1] ?? Infinity, count: this.#counts[i] ?? 0 }));
    return all.slice(
      all.findIndex(({ count }) => count > 0),
      all.findLastIndex(({ count }) => count > 0) + 1,
    );
  }
}

/** The same in at most so many buckets, if one for each decade are not too many. */
export function coarser(buckets: readonly Bucket[], most: number): readonly Bucket[] {
  for (const grid of GRIDS) {
    const merged = mergeAt(new Set(edgesOf(grid)), buckets);
    if (merged.length <= most || grid === GRIDS.at(-1)) return merged;
  }
  return buckets;
}

function mergeAt(edges: ReadonlySet<number>, buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  for (const bucket of buckets) {
    const last = merged.at(-1);
    if (last === undefined || edges.has(bucket.from)) merged.push(bucket);
    else merged[merged.length - 1] = { from: last.from, to: bucket.to, count: last.count + bucket.count };
  }
  return merged;
}

function edgesOf(grid: readonly number[]): number[] {
  const decades = Array.from({ length: DECADES[1] - DECADES[0] }, (_, i) => DECADES[0] + i);
  // From text, so that 0.0012 is the number that is written so.
  return decades.flatMap((decade) => grid.map((step) => Number(`${step}e${decade}`)));
}
