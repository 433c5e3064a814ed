import { formatDuration } from '../basics/duration.ts';
import { countOf, formatCount, formatRate } from '../basics/numbers.ts';

/** What a run comes to. */
export interface Summary {
  /** Items that got a line. */
  readonly items: number;
  readonly ok: number;
  readonly failed: number;
  /** Items that have none yet; undefined if that is not known, or all have one. */
  readonly notRun?: number | undefined;
  /** Items that had one before. */
  readonly before: { readonly items: number; readonly failed: number };
  /** Malformed lines that were passed over. */
  readonly skipped: number;
  readonly durationMs: number;
  readonly exitCode: number;
  /** Whether all items of the input have a line now. */
  readonly complete: boolean;
}

/** A summary for people. */
export function summaryText({ items, ok, failed, notRun = 0, before, skipped, durationMs }: Summary): string {
  const left = notRun === 0 ? '' : `, ${formatCount(notRun)} not run`;
  const passedOver = skipped === 0 ? '' : `, ${formatCount(skipped)} malformed passed over`;
  const speed = items < 2 ? '' : ` (${formatRate(items / (durationMs / 1_000))})`;
  const lines = [
    `${countOf(items, 'item')}: ${formatCount(ok)} ok, ${formatCount(failed)} failed${left}${passedOver}, in ${formatDuration(durationMs)}${speed}`,
    ...(before.items === 0
      ? []
      : [`in total: ${countOf(before.items + items, 'item')}, ${formatCount(before.failed + failed)} failed`]),
  ];
  return lines.join('\n');
}

/** A summary for programs: one line of JSON. */
export function summaryJson({ durationMs, ...summary }: Summary): string {
  return JSON.stringify({ ...summary, durationMs: Math.round(durationMs) });
}
