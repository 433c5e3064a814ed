import type { Ends, Slot } from './ends.ts';
import type { Pause } from './pauses.ts';
import { nextWidth } from './widths.ts';

/** Throughput over time for a chart. */
export interface Timeline {
  /** Of a slot, in ms. */
  readonly width: number;
  /** Without gaps, empty slots as well; between two of them a pause was left out. */
  readonly stretches: readonly (readonly Slot[])[];
}

/** The finest timeline in so many columns, of which each pause takes one; it has no more columns than items, or hardly. */
export function timelineOf(ends: Ends, pauses: readonly Pause[], columns: number): Timeline {
  let { width, slots } = ends;
  const items = slots.reduce((sum, { ended }) => sum + ended, 0);
  // A stretch begins and ends within a column: with fewer a pause would vanish.
  const room = Math.min(columns, Math.max(items, pauses.length === 0 ? 3 : 3 * pauses.length + 12));
  for (;;) {
    const stretches = split(slots, width, pauses);
    const taken = stretches.reduce((sum, stretch) => sum + count(stretch, width) + 1, -1);
    if (taken <= room) return { width, stretches: stretches.map((stretch) => filled(stretch, width)) };
    width = nextWidth(width, ends.width);
    slots = merged(ends.slots, width);
  }
}

/** Splits at pauses: there the middle of one lies between two slots. */
function split(slots: readonly Slot[], width: number, pauses: readonly Pause[]): Slot[][] {
  const stretches: Slot[][] = [];
  let end = -Infinity;
  for (const slot of slots) {
    const isAfterPause = pauses.some(({ from, to }) => end <= (from + to) / 2 && (from + to) / 2 < slot.at);
    if (stretches.length === 0 || isAfterPause) stretches.push([]);
    stretches.at(-1)?.push(slot);
    end = slot.at + width;
  }
  return stretches;
}

/** Slots from the first to the last of a stretch. */
function count(stretch: readonly Slot[], width: number): number {
  return ((stretch.at(-1)?.at ?? 0) - (stretch[0]?.at ?? 0)) / width + 1;
}

function filled(stretch: readonly Slot[], width: number): Slot[] {
  const first = stretch[0]?.at ?? 0;
  const all = Array.from({ length: count(stretch, width) }, (_, i) => ({ at: first + i * width, ended: 0, failed: 0 }));
  for (const slot of stretch) all[(slot.at - first) / width] = slot;
  return all;
}

function merged(slots: readonly Slot[], width: number): Slot[] {
  const wide: Slot[] = [];
  for (const { at, ended, failed } of slots) {
    const start = Math.floor(at / width) * width;
    const last = wide.at(-1);
    if (last?.at === start)
      wide[wide.length - 1] = { at: start, ended: last.ended + ended, failed: last.failed + failed };
    else wide.push({ at: start, ended, failed });
  }
  return wide;
}
