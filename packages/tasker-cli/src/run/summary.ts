import { formatDuration } from '../basics/duration.ts';

/** What a run comes to. */
export interface Summary {
  /** Items with a line. */
  readonly items: number;
  readonly ok: number;
  readonly failed: number;
  /** Malformed lines that were passed over. */
  readonly skipped: number;
  readonly durationMs: number;
  readonly exitCode: number;
}

/** A summary for people. */
export function summaryText({ items, ok, failed, skipped, durationMs }: Summary): string {
  const passedOver = skipped === 0 ? '' : `, ${skipped} malformed passed over`;
  const word = items === 1 ? 'item' : 'items';
  return `${items} ${word}: ${ok} ok, ${failed} failed${passedOver}, in ${formatDuration(durationMs)}`;
}

/** A summary for programs: one line of JSON. */
export function summaryJson({ durationMs, ...summary }: Summary): string {
  return JSON.stringify({ ...summary, durationMs: Math.round(durationMs) });
}
