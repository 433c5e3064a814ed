/** Lines such as `tasker run` writes. */

/** What a line may have that is not as usual. */
export interface LineFields {
  readonly input?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
  readonly attempts?: number;
  readonly waitMs?: number;
  readonly runMs?: number;
  readonly finishedAt?: number | undefined;
}

/** A noon. */
export const NOON = Date.parse('2026-11-25T12:00:00');

/** A line of an item, which ends `index` seconds after noon. */
export function resultLine(index: number, { input = `item ${index}`, error, ...times }: LineFields = {}): string {
  const end = error === undefined ? { ok: true, result: null } : { ok: false, error };
  const usual = { attempts: 1, waitMs: 1, runMs: 100, finishedAt: NOON + index * 1_000 };
  return `${JSON.stringify({ index, input, ...end, ...usual, ...times })}\n`;
}
